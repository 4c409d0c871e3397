import { isLoopback, type ClientOptions } from "../vendor/client";
import { CdsConfigError, DEFAULT_SETTING_NAMES } from "../vendor/errors";

/** The vendor's three addresses, by the names `cds:endpoint` takes. */
export const ENDPOINTS: ReadonlyMap<string, string> = new Map([
  ["china", "https://cdsapi.capitalonline.net"],
  ["asia", "https://cdsapi-asia.capitalonline.net"],
  ["america", "https://cdsapi-us.capitalonline.net"],
]);

/** Reads a config key with its namespace, secrets in clear. */
export type GetConfig = (key: string) => string | undefined;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configuration of an account: of the default one from stack config `cds:…`, else the
 * environment; of a named one from `cds-<name>:…` alone, so that one account's key is never used
 * for another. Throws {@link CdsConfigError} that names the key to set.
 */
export function readConfiguration(
  get: GetConfig,
  environment: Environment,
  account?: string,
): ClientOptions {
  const namespace = namespaceOf(account);
  const isDefault = account === undefined;
  const required = (key: string, variable: string, what: string): string => {
    const value = firstText(get(`${namespace}:${key}`), isDefault ? environment[variable] : "");
    if (value !== undefined) return value;
    const orVariable = isDefault ? ` or the environment variable ${variable}` : "";
    throw new CdsConfigError(
      `no ${what}: set ${namespace}:${key} (\`pulumi config set --secret ${namespace}:${key}\`)${orVariable}.`,
    );
  };
  const namedSettings = {
    accessKey: `${namespace}:accessKeyId and ${namespace}:accessKeySecret`,
    endpoint: `${namespace}:endpoint`,
  };
  return {
    endpoint: endpointUrl(get(`${namespace}:endpoint`), `${namespace}:endpoint`),
    credentials: {
      accessKeyId: required("accessKeyId", "CDS_SECRET_ID", "access key"),
      accessKeySecret: required("accessKeySecret", "CDS_SECRET_KEY", "access key secret"),
    },
    settingNames: isDefault ? DEFAULT_SETTING_NAMES : namedSettings,
  };
}

/** The region to order in where an argument names none: `cds:regionId`, else `CDS_REGION` for the default account. */
export function defaultRegionId(
  get: GetConfig,
  environment: Environment,
  account?: string,
): string | undefined {
  const variable = account === undefined ? environment["CDS_REGION"] : undefined;
  return firstText(get(`${namespaceOf(account)}:regionId`), variable);
}

function namespaceOf(account: string | undefined): string {
  return account === undefined ? "cds" : `cds-${account}`;
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
  const text = firstText(given) ?? "china";
  const known = ENDPOINTS.get(text);
  if (known !== undefined) return known;
  const names = [...ENDPOINTS.keys()].join(", ");
  if (!URL.canParse(text))
    throw new CdsConfigError(`${key} is ${JSON.stringify(text)}: use one of ${names}, or a URL.`);
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new CdsConfigError(`${key} must be a bare URL, without user, query or fragment.`);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    throw new CdsConfigError(
      `${key} is ${url.origin}: use https://, since keys and passwords travel to it (http:// is for an emulator on 127.0.0.1 alone).`,
    );
  return text.replace(/\/+$/, "");
}
