import { isLoopback } from "../client/client";
import { CdsConfigError } from "../client/errors";
import type { Credentials } from "../client/signer";

/** The vendor's three addresses, by the names `cds:endpoint` takes. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  china: "https://cdsapi.capitalonline.net",
  asia: "https://cdsapi-asia.capitalonline.net",
  america: "https://cdsapi-us.capitalonline.net",
};

export interface Configuration {
  /** Base URL without a slash at its end. */
  readonly endpoint: string;
  readonly credentials: Credentials;
}

/** Reads a config key with its namespace, secrets in clear. */
export type GetConfig = (key: string) => string | undefined;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configuration of the default account: stack config `cds:…`, else the environment.
 * Throws {@link CdsConfigError} that names the key to set.
 */
export function readConfiguration(get: GetConfig, environment: Environment): Configuration {
  const accessKeyId = setting(get("cds:accessKeyId"), environment["CDS_SECRET_ID"]);
  const accessKeySecret = setting(get("cds:accessKeySecret"), environment["CDS_SECRET_KEY"]);
  if (accessKeyId === undefined)
    throw new CdsConfigError(
      "no access key: set cds:accessKeyId (`pulumi config set cds:accessKeyId <id>`) or the environment variable CDS_SECRET_ID.",
    );
  if (accessKeySecret === undefined)
    throw new CdsConfigError(
      "no access key secret: set cds:accessKeySecret (`pulumi config set --secret cds:accessKeySecret`) or the environment variable CDS_SECRET_KEY.",
    );
  return {
    endpoint: endpointUrl(get("cds:endpoint")),
    credentials: { accessKeyId, accessKeySecret },
  };
}

function setting(...candidates: (string | undefined)[]): string | undefined {
  return candidates.map((text) => text?.trim()).find((text) => text !== undefined && text !== "");
}

function endpointUrl(given: string | undefined): string {
  const text = setting(given) ?? "china";
  const known = ENDPOINTS[text];
  if (known !== undefined) return known;
  const names = Object.keys(ENDPOINTS).join(", ");
  if (!URL.canParse(text))
    throw new CdsConfigError(
      `cds:endpoint is ${JSON.stringify(text)}: use one of ${names}, or a URL.`,
    );
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new CdsConfigError("cds:endpoint must be a bare URL, without user, query or fragment.");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    throw new CdsConfigError(
      `cds:endpoint is ${url.origin}: use https://, since keys and passwords travel to it (http:// is for an emulator on 127.0.0.1 alone).`,
    );
  return text.replace(/\/+$/, "");
}
