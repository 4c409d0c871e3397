import { CdsClient } from "../provider/vendor/client";
import { CdsConfigError, CdsError } from "../provider/vendor/errors";
import { BackupDownloadError } from "../provider/download/downloadErrors";
import { readConfiguration } from "../provider/core/configuration";
import { CliError, type CliIo } from "./io";

/** What this command reads instead of stack configuration. */
const SETTING_NAMES = { accessKey: "CDS_SECRET_ID and CDS_SECRET_KEY", endpoint: "--endpoint" };

/**
 * A client with the key in the environment.
 *
 * @throws CliError that names what to set.
 */
export function clientFor(endpoint: string | undefined, io: CliIo): CdsClient {
  try {
    const configuration = readConfiguration(
      (key) => (key === "cds:endpoint" ? endpoint : undefined),
      io.env,
    );
    return new CdsClient({ ...configuration, settingNames: SETTING_NAMES });
  } catch (error) {
    return rethrow(error);
  }
}

/** Turns the provider's errors into those of a command. */
export function rethrow(error: unknown): never {
  const isOfVendor = error instanceof CdsError || error instanceof BackupDownloadError;
  if (!isOfVendor && !(error instanceof CdsConfigError)) throw error;
  throw new CliError(inCliWords(error.message), { cause: error, exitCode: isOfVendor ? 1 : 2 });
}

/** The provider's messages name stack configuration; this command has a flag and the environment. */
export function inCliWords(message: string): string {
  return message
    .replaceAll(/set cds:\w+ \([^)]*\) or the /g, "set the ")
    .replaceAll("cds:endpoint", "--endpoint");
}
