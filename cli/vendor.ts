import { Option } from "commander";

import { CdsClient } from "../provider/vendor/client";
import { CdsConfigError, CdsError } from "../provider/vendor/errors";
import { BackupDownloadError } from "../provider/download/errors";
import { readConfiguration } from "../provider/core/configuration";
import { CliError, type CliIo } from "./io";

/** For the help of every command that asks the vendor. */
export const KEYS_HELP = "The access key is read from CDS_SECRET_ID and CDS_SECRET_KEY.";

/** The configuration key that `--endpoint` stands for. */
const ENDPOINT_KEY = "cds:endpoint";

export function endpointOption(): Option {
  return new Option(
    "--endpoint <name>",
    "the vendor's address: china, asia, america, or a URL (default: china)",
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
  try {
    const configuration = readConfiguration(
      (key) => (key === ENDPOINT_KEY ? endpoint : undefined),
      io.env,
    );
    return new CdsClient({ ...configuration, settingNames: SETTING_NAMES });
  } catch (error) {
    return rethrow(error);
  }
}

/** Turns an error of the provider into an error of the command. */
export function rethrow(error: unknown): never {
  const isOfVendor = error instanceof CdsError || error instanceof BackupDownloadError;
  if (!isOfVendor && !(error instanceof CdsConfigError)) throw error;
  throw new CliError(inCliWords(error.message), { cause: error, exitCode: isOfVendor ? 1 : 2 });
}

/** The provider's messages name stack configuration. This command has an option and the environment instead. */
export function inCliWords(message: string): string {
  return message
    .replaceAll(/set cds:\w+ \([^)]*\) or the /g, "set the ")
    .replaceAll(ENDPOINT_KEY, "--endpoint");
}
