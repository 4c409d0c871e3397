import { Option } from "commander";

import { CdsClient } from "../provider/vendor/client";
import {
  BackupDownloadError,
  CdsApiError,
  CdsConfigError,
  CdsError,
} from "../provider/vendor/errors";
import { ENDPOINTS, endpointUrl } from "../provider/core/configuration";
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

/** What commands read instead of stack configuration. */
export const ACCESS_KEY_VARIABLES = "CDS_SECRET_ID and CDS_SECRET_KEY";
const ENDPOINT_VARIABLE = "CDS_ENDPOINT";

/** The endpoint as it is given, and how messages name where it is given. The option goes first. */
export function givenEndpoint(
  option: string | undefined,
  { env }: CliIo,
): { readonly given: string | undefined; readonly name: string } {
  const ofEnvironment = env[ENDPOINT_VARIABLE]?.trim() ?? "";
  return option === undefined && ofEnvironment !== ""
    ? { given: ofEnvironment, name: ENDPOINT_VARIABLE }
    : { given: option, name: "--endpoint" };
}

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
  const { given, name } = givenEndpoint(endpoint, io);
  try {
    return new CdsClient({
      endpoint: endpointUrl(given, name),
      credentials: {
        accessKeyId: required("CDS_SECRET_ID", "access key"),
        accessKeySecret: required("CDS_SECRET_KEY", "access key secret"),
      },
      settingNames: { accessKey: ACCESS_KEY_VARIABLES, endpoint: name },
    });
  } catch (error) {
    return rethrow(error);
  }
}

/** How long a person looks at nothing without doubts. */
const SILENCE_MS = 1_000;

/** Waits for an answer; on a terminal with a line, soon, that says for what. The line goes with the answer. */
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
 * What helps where the vendor lists no networks. Where it refused the key, the key may be right for all
 * else: an order needs no permission to read networks, so many keys lack it.
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
