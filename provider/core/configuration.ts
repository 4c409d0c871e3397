import { isLoopback, type ClientOptions } from "../vendor/client";
import { CdsConfigError } from "../vendor/errors";

/** The vendor's three addresses, by the names the setting `endpoint` takes. */
export const ENDPOINTS: ReadonlyMap<string, string> = new Map([
  ["china", "https://cdsapi.capitalonline.net"],
  ["asia", "https://cdsapi-asia.capitalonline.net"],
  ["america", "https://cdsapi-us.capitalonline.net"],
]);

/** Reads a config key with its namespace, secrets in clear. */
export type GetConfig = (key: string) => string | undefined;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What configures an account, each with the environment variable that counts where it is not given. */
const VARIABLES = {
  accessKeyId: "CDS_SECRET_ID",
  accessKeySecret: "CDS_SECRET_KEY",
  endpoint: undefined,
  regionId: "CDS_REGION",
} as const;

export type SettingName = keyof typeof VARIABLES;

/** Where one account's settings are. */
export interface SettingsSource {
  /** Gives a setting, secrets in clear. */
  readonly get: (name: SettingName) => string | undefined;
  /** How people call a setting, such as `cds:endpoint`. */
  readonly nameOf: (name: SettingName) => string;
  /** Whether the name is a key of the stack's configuration. */
  readonly isKey: boolean;
  /** The variables that count, too; undefined where none does. */
  readonly environment: Environment | undefined;
}

/** The settings of one account. Each face of the provider has its own place for them. */
export class Settings {
  readonly #source: SettingsSource;

  constructor(source: SettingsSource) {
    this.#source = source;
  }

  /** The setting, else the environment variable; undefined where neither holds more than blanks. */
  read(name: SettingName): string | undefined {
    const { get, environment } = this.#source;
    return firstText(get(name), environment?.[VARIABLES[name] ?? ""]);
  }

  /** How people call these settings, such as `cds:regionId, or CDS_REGION`. */
  namesOf(...names: readonly SettingName[]): string {
    const { nameOf, environment } = this.#source;
    const settings = names.map(nameOf).join(" and ");
    const variables = names.flatMap((name) => VARIABLES[name] ?? []).join(" and ");
    return environment === undefined || variables === ""
      ? settings
      : `${settings}, or ${variables}`;
  }

  /** What a client of the account takes. Throws a {@link CdsConfigError} that names the setting to give. */
  forClient(): ClientOptions {
    const required = (name: SettingName, what: string): string => {
      const value = this.read(name);
      if (value === undefined)
        throw new CdsConfigError(`no ${what}: set ${this.namesOf(name)}.${this.#command(name)}`);
      return value;
    };
    return {
      endpoint: endpointUrl(this.#source.get("endpoint"), this.namesOf("endpoint")),
      credentials: {
        accessKeyId: required("accessKeyId", "access key"),
        accessKeySecret: required("accessKeySecret", "access key secret"),
      },
      settingNames: {
        accessKey: this.namesOf("accessKeyId", "accessKeySecret"),
        endpoint: this.namesOf("endpoint"),
      },
    };
  }

  #command(name: SettingName): string {
    const { nameOf, isKey } = this.#source;
    return isKey ? ` For example: \`pulumi config set --secret ${nameOf(name)}\`.` : "";
  }
}

/**
 * The settings in the stack's configuration: of the default account `cds:…`, else the environment;
 * of a named one `cds-<name>:…` alone, so that one account's key is never used for another.
 */
export function stackSettings(
  get: GetConfig,
  environment: Environment,
  account?: string,
): Settings {
  const namespace = account === undefined ? "cds" : `cds-${account}`;
  return new Settings({
    get: (name) => get(`${namespace}:${name}`),
    nameOf: (name) => `${namespace}:${name}`,
    isKey: true,
    environment: account === undefined ? environment : undefined,
  });
}

/** The first that holds more than blanks, without those around it. */
function firstText(...texts: (string | undefined)[]): string | undefined {
  return texts.map((text) => text?.trim()).find((text) => text !== undefined && text !== "");
}

/**
 * The base URL behind a name of the vendor's addresses, or a URL. Default: `china`. Throws a
 * {@link CdsConfigError} that names the setting by this key.
 */
export function endpointUrl(given: string | undefined, key: string): string {
  const text = given?.trim() ?? "china";
  const known = ENDPOINTS.get(text);
  if (known !== undefined) return known;
  const names = [...ENDPOINTS.keys()].join(", ");
  // A script that misses the emulator's address must not order at the vendor.
  if (text === "")
    throw new CdsConfigError(
      `${key} is empty: remove it for china, or use one of ${names}, or a URL.`,
    );
  if (!URL.canParse(text))
    throw new CdsConfigError(
      `${key} is ${JSON.stringify(text.replace(/\/\/.*@/, "//…@"))}: use one of ${names}, or a URL.`,
    );
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new CdsConfigError(`${key} must be a bare URL, without user, query or fragment.`);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    throw new CdsConfigError(
      `${key} is ${url.origin}: use https://, since keys and passwords travel to it (http:// is for an emulator on 127.0.0.1 alone).`,
    );
  return text.replace(/\/+$/, "");
}
