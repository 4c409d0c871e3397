import { Option } from "commander";

import {
  BackupDownloadError,
  CdsApiError,
  CdsConfigError,
  CdsError,
} from "../provider/vendor/errors";
import { ENDPOINTS } from "../provider/core/configuration";
import { CliError, type CliIo } from "./io";

/** For the help of every command that asks the vendor. */
export const KEYS_HELP = "The access key is read from CDS_SECRET_ID and CDS_SECRET_KEY.";

export function endpointOption(): Option {
  return new Option(
    "--endpoint <name>",
    `the vendor's address: ${[...ENDPOINTS.keys()].join(", ")}, or a URL (default: CDS_ENDPOINT, else china)`,
  );
}

/** For the help of the commands that list what an account has. */
export const LIST_HELP = `
${KEYS_HELP}

Exit codes: 0 done, also where there is none; 1 the vendor refused or did not
answer; 2 wrong use.

Examples:`;

export function jsonOption(): Option {
  return new Option("--json", "write one JSON object for scripts to standard output");
}

/** How messages name the access key of the default account. */
export const ACCESS_KEY_VARIABLES = "CDS_SECRET_ID and CDS_SECRET_KEY";

/** The terminal stays empty for so long. */
const SILENCE_MS = 1_000;

/**
 * Waits for an answer. On a terminal, after a second, a line says what the command waits for. The
 * answer erases the line.
 */
export async function awaited<T>(what: string, answer: Promise<T>, io: CliIo): Promise<T> {
  const { errTerminal } = io;
  if (errTerminal === undefined) return answer;
  let isShown = false;
  const timer = setTimeout(() => {
    isShown = true;
    errTerminal.write(`${what}…`);
  }, SILENCE_MS);
  return answer.finally(() => {
    clearTimeout(timer);
    if (isShown) errTerminal.write("\r\u001b[K");
  });
}

/**
 * What to do where the vendor lists no networks. An order needs no permission to read networks, so a
 * refused key may be right for all else.
 */
export function networksRemedy(error: CdsError): string {
  const isRefused = error instanceof CdsApiError && error.isUnauthorized;
  const permission = "This key may lack the permission for the network API: allow it, or";
  return `${isRefused ? permission : "Meanwhile"} take vdcId and basePipeId from the vendor's console.`;
}

/** Turns an error of the provider into an error of the command. */
export function rethrow(error: unknown): never {
  const isOfVendor = error instanceof CdsError || error instanceof BackupDownloadError;
  if (!isOfVendor && !(error instanceof CdsConfigError)) throw error;
  throw new CliError(error.message, { cause: error, exitCode: isOfVendor ? 1 : 2 });
}
