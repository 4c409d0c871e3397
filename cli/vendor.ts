import { Option } from "commander";

import { CdsClient } from "../provider/vendor/client";
import { BackupDownloadError, CdsConfigError, CdsError } from "../provider/vendor/errors";
import { ENDPOINTS, endpointUrl } from "../provider/core/configuration";
import { CliError, type CliIo } from "./io";

/** For the help of every command that asks the vendor. */
export const KEYS_HELP = "The access key is read from CDS_SECRET_ID and CDS_SECRET_KEY.";

export function endpointOption(): Option {
  return new Option(
    "--endpoint <name>",
    `the vendor's address: ${[...ENDPOINTS.keys()].join(", ")}, or a URL (default: china)`,
  );
}

/** What this command reads instead of stack configuration. */
const SETTING_NAMES = { accessKey: "CDS_SECRET_ID and CDS_SECRET_KEY", endpoint: "--endpoint" };

/**
 * A client with the access key in the environment.
 *
 * @throws CliError that names what to set.
 */
export function clientFor(endpoint: string | undefined, io: CliIo): CdsClient {
  const required = (variable: string, what: string): string => {
    const value = io.env[variable]?.trim() ?? "";
    if (value !== "") return value;
    throw new CliError(`no ${what}: set the environment variable ${variable}.`);
  };
  try {
    return new CdsClient({
      endpoint: endpointUrl(endpoint, SETTING_NAMES.endpoint),
      credentials: {
        accessKeyId: required("CDS_SECRET_ID", "access key"),
        accessKeySecret: required("CDS_SECRET_KEY", "access key secret"),
      },
      settingNames: SETTING_NAMES,
    });
  } catch (error) {
    return rethrow(error);
  }
}

/** Turns an error of the provider into an error of the command. */
export function rethrow(error: unknown): never {
  const isOfVendor = error instanceof CdsError || error instanceof BackupDownloadError;
  if (!isOfVendor && !(error instanceof CdsConfigError)) throw error;
  throw new CliError(error.message, { cause: error, exitCode: isOfVendor ? 1 : 2 });
}
