import { endpointUrl, Settings, type Environment, type SettingName } from "../core/configuration";
import { isUnknown } from "../core/engineValues";
import type { Values } from "../core/arguments";
import { CdsConfigError } from "../vendor/errors";

/** The arguments of the provider resource. The schema has their docs. */
export const SETTINGS: readonly SettingName[] = [
  "accessKeyId",
  "accessKeySecret",
  "endpoint",
  "regionId",
];
export const SECRET_SETTINGS: readonly string[] = ["accessKeyId", "accessKeySecret"];
/** What the engine and the generated SDKs add. */
const FOREIGN = /^(version|pluginDownloadURL|__.*)$/;

/** The engine names its own with the version, too. */
const DEFAULT_PROVIDER = /^default(_\d+_\d+_\d+.*)?$/;

/** Says of each setting that can't be used what is wrong with it. */
export function settingFaults(given: Values): string[] {
  const names: readonly string[] = SETTINGS;
  const misspelt = Object.keys(given)
    .filter((name) => !names.includes(name) && !FOREIGN.test(name))
    .map((name) => `${name} is no setting of this provider; it has ${names.join(", ")}.`);
  const { endpoint } = given;
  const odd = names.filter((name) => !["string", "undefined"].includes(typeof given[name]));
  if (odd.length > 0) return [...misspelt, `${odd.join(", ")} must be text.`];
  try {
    if (!isUnknown(endpoint)) endpointUrl(textOf(endpoint), "endpoint");
  } catch (error) {
    if (error instanceof CdsConfigError) return [...misspelt, error.message];
    throw error;
  }
  return misspelt;
}

/**
 * The settings of the provider resource with this name: the engine's default one has those of the
 * configuration namespace `cds-redis:`, and the environment counts for it alone.
 */
export function providerSettings(name: string, args: Values, environment: Environment): Settings {
  const isDefault = name === "" || DEFAULT_PROVIDER.test(name);
  return new Settings({
    get: (setting) => textOf(args[setting]),
    nameOf: (setting) =>
      isDefault ? `cds-redis:${setting}` : `${setting} of the provider ${name}`,
    isKey: isDefault,
    environment: isDefault ? environment : undefined,
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && !isUnknown(value) ? value : undefined;
}
