import { readFileSync } from "node:fs";
import { EmulatorStartError } from "./startError";

/** The system's code for an error with a file: `ENOENT`, `EACCES`… */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/**
 * Reads a file of JSON. `what` names it in the error, such as "catalogue file".
 *
 * @throws EmulatorStartError when it can't be read or is not JSON.
 */
export function readJsonFile(file: string, what: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = systemCode(error) === "ENOENT" ? "there is no such file" : String(error);
    throw new EmulatorStartError(`The ${what} ${file} can't be read: ${reason}.`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EmulatorStartError(
      `The ${what} ${file} is not JSON: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  }
}
