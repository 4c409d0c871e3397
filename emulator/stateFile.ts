import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { readJsonFile } from "./jsonFile";
import type { BackupRecord, InstanceRecord, StoreSnapshot } from "./records";
import { EmulatorStartError } from "./startError";

const FORMAT = "cds-redis-emulator-state-1";

const time = z.number();

const unlisted = z.strictObject({ until: time, byId: z.boolean() });

const instanceRecord: z.ZodType<InstanceRecord> = z.strictObject({
  instanceUuid: z.string().min(1),
  instanceName: z.string(),
  regionId: z.string(),
  displayName: z.string(),
  vdcId: z.string(),
  vdcName: z.string(),
  basePipeId: z.string(),
  paasGoodsId: z.int(),
  ramGb: z.number(),
  version: z.string(),
  subProductName: z.string(),
  shardIds: z.array(z.string()),
  linkType: z.string(),
  linkName: z.string(),
  ip: z.string(),
  port: z.int(),
  resourceId: z.string(),
  tags: z.array(z.strictObject({ tagId: z.int(), tagName: z.string() })),
  createdAt: time,
  readyAt: time,
  goneAt: time.optional(),
  heldStatus: z.string().optional(),
  unlisted: unlisted.optional(),
});

const backupRecord: z.ZodType<BackupRecord> = z.strictObject({
  backupId: z.string().min(1),
  instanceUuid: z.string().min(1),
  shardId: z.string(),
  description: z.string(),
  startedAt: time,
  finishedAt: time,
  goneAt: time.optional(),
  unlisted: unlisted.optional(),
});

const stateFile = z
  .strictObject({
    format: z.literal(FORMAT),
    drawn: z.int().min(0),
    instances: z.array(instanceRecord),
    backups: z.array(backupRecord),
  })
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
