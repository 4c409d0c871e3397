import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { readJsonFile } from "./jsonFile";
import { storeSnapshot, type StoreSnapshot } from "./records";
import { EmulatorStartError } from "./startError";

const FORMAT = "cds-redis-emulator-state-1";

const stateFile = storeSnapshot
  .extend({ format: z.literal(FORMAT) })
  .superRefine((state, context) => {
    const known = new Set(state.instances.map(({ instanceUuid }) => instanceUuid));
    state.backups.forEach(({ instanceUuid }, index) => {
      if (!known.has(instanceUuid)) {
        context.addIssue({
          code: "custom",
          path: ["backups", index, "instanceUuid"],
          message: "names no instance of this file",
        });
      }
    });
  });

/**
 * Reads the state of an earlier run; undefined when there is no file yet. A file that can't be used stays as it is.
 *
 * @throws EmulatorStartError that names the file, what is wrong in it and what to do.
 */
export function readStateFile(file: string): StoreSnapshot | undefined {
  if (!existsSync(file)) return undefined;
  const advice = "Repair it, move it away or name another state file; it was left as it is.";
  let value: unknown;
  try {
    value = readJsonFile(file, "state file");
  } catch (error) {
    if (!(error instanceof EmulatorStartError)) throw error;
    throw new EmulatorStartError(`${error.message} ${advice}`, { cause: error });
  }
  const result = stateFile.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = issue?.path.map(String).join(".") ?? "";
    throw new EmulatorStartError(
      `The state file ${file} is not the emulator's: ${path === "" ? "" : `${path}: `}${issue?.message ?? "invalid"}. ${advice}`,
    );
  }
  const { drawn, instances, backups } = result.data;
  return { drawn, instances, backups };
}

/** Writes the whole state beside the file and renames it, so that a reader or a crash never meets half a file. */
export function writeStateFile(file: string, snapshot: StoreSnapshot): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify({ format: FORMAT, ...snapshot }, undefined, 2)}\n`, {
      mode: 0o600,
    });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
