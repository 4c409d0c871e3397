/** The two records of orders that outlive this process: the engine's state of the stack, and notes on disk. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { z } from "zod";

import { removeAbandonedFiles, undefinedFor, writeFileAtomically } from "../disk";
import type { Environment } from "./configuration";
import { isSecret, UNKNOWN } from "./engineValues";
import { errorOf } from "./errors";

const run = promisify(execFile);

const resource = z.looseObject({
  urn: z.string(),
  id: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
  provider: z.string().optional(),
});

const exported = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resource).nullish(),
    pending_operations: z.array(z.looseObject({ type: z.string(), resource })).nullish(),
  }),
});

export type RecordedResource = z.output<typeof resource>;

/** What the engine has written down of a stack. Secrets are encrypted. */
export interface StackRecord {
  readonly resources: readonly RecordedResource[];
  /** Creates and updates whose end is not recorded: those under way now, and those of interrupted runs. */
  readonly creating: readonly RecordedResource[];
}

/**
 * Returns the record of the stack of the resource with this URN. Throws where it can't be read. The
 * CLI that runs this operation is asked: this process has its project, login and environment.
 */
export async function exportStack(urn: string): Promise<StackRecord> {
  const args = ["stack", "export", "--stack", stackOf(urn), "--non-interactive"];
  // A program of the Automation API may have no project file where it runs.
  const folder = (await hasProjectFile(process.cwd())) ? undefined : await projectOf(urn);
  try {
    const { stdout } = await run("pulumi", args, {
      timeout: 60_000,
      maxBuffer: 512 * 1024 * 1024,
      ...(folder === undefined ? {} : { cwd: folder }),
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    return parseStackRecord(stdout);
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** Whether the folder, or one above it, is a Pulumi project. */
async function hasProjectFile(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  if (names.some((name) => /^Pulumi\.(ya?ml|json)$/.test(name))) return true;
  return folder !== dirname(folder) && hasProjectFile(dirname(folder));
}

/** A temporary folder that is a project of the name in the URN. */
async function projectOf(urn: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cds-redis-"));
  const project = { name: urn.split("::")[1], runtime: "nodejs" };
  await writeFile(join(folder, "Pulumi.yaml"), JSON.stringify(project));
  return folder;
}

export type ReadStackRecord = typeof exportStack;

export function parseStackRecord(text: string): StackRecord {
  const { resources, pending_operations } = exported.parse(JSON.parse(text)).deployment;
  return {
    resources: resources ?? [],
    creating: (pending_operations ?? [])
      .filter(({ type }) => type === "creating" || type === "updating")
      .map((operation) => operation.resource),
  };
}

/** The values, each secret as one that is not known: only the engine can decrypt it. */
export function withSecretsUnknown(values: RecordedResource["inputs"]): RecordedResource["inputs"] {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isSecret(value) ? UNKNOWN : value]),
  );
}

/** The stack's name in the URN of one of its resources. */
function stackOf(urn: string): string {
  return urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "";
}

const summary = z.object({ entries: z.array(z.object({ backupId: z.string() })) });
const backupOutputs = summary.extend({
  instanceId: z.string(),
  earlier: z.array(summary).default([]),
});

/** The id of a recorded resource, and `<instanceId>/<BackupId>` of each entry where it is a backup. */
export function heldIds({ id, outputs }: RecordedResource): string[] {
  const own = id === undefined ? [] : [id];
  const { data: backup } = backupOutputs.safeParse(outputs);
  if (backup === undefined) return own;
  const entries = [backup, ...backup.earlier].flatMap((one) => one.entries);
  return [...own, ...entries.map(({ backupId }) => `${backup.instanceId}/${backupId}`)];
}

/** How many backups of the instance the stack holds. */
export function backupsHeldOf({ resources }: StackRecord, instanceId: string): number {
  const held = resources.map(({ outputs }) => backupOutputs.safeParse(outputs).data);
  return held
    .filter((backup) => backup?.instanceId === instanceId)
    .reduce((sum, backup) => sum + 1 + (backup?.earlier.length ?? 0), 0);
}

const note = z.object({
  /** The mark that `check` gave the order. It becomes the name of the file. */
  token: z.string().regex(/^[0-9a-f]+(-[0-9a-f]+)?$/),
  urn: z.string(),
  /** The engine's reference of the stack's own provider resource, which no other stack shares. */
  provider: z.string(),
  /** Where it was ordered, and with whose key. */
  owner: z.object({ endpoint: z.string(), key: z.string() }).optional(),
  /** What was ordered, without anything secret. */
  inputs: z.record(z.string(), z.unknown()),
});

/** The note of an order that was begun on this machine. */
export type OrderNote = z.output<typeof note>;

/**
 * Notes of the orders that this machine began and nobody settled: a small file for each under
 * `~/.pulumi`, or `PULUMI_HOME`. The engine drops its own record when the provider process dies, so
 * that an order would be forgotten.
 */
export type OrderNotes = ReturnType<typeof notesInFolder>;

export function notesInFolder(environment: Environment) {
  const home = environment["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  const folder = join(home, "cds-redis", "orders");
  /** Where the note of an order is, for people. */
  const place = (token: string): string => join(folder, `${token}.json`);
  return {
    place,
    /** Writes the note before the order is sent. */
    begin: async (order: OrderNote) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomically(place(order.token), JSON.stringify(order));
    },
    /** Removes the note: the engine has the outcome, or the order was certainly not carried out. */
    end: (token: string) => rm(place(token), { force: true }),
    /** Throws where a note may be there that can't be read. */
    unsettled: async () => {
      await removeAbandonedFiles(folder);
      const names = (await readdir(folder).catch(unlessMissing)) ?? [];
      const files = names.filter((name) => name.endsWith(".json"));
      const texts = files.map((name) => readFile(join(folder, name), "utf8").catch(unlessMissing));
      return (await Promise.all(texts)).flatMap((text = "") => parseNote(text));
    },
  };
}

const unlessMissing = undefinedFor("ENOENT", "ENOTDIR");

/** Returns nothing for a text that is no note: it is no proof of anything. */
export function parseNote(text: string): OrderNote[] {
  try {
    return [note.parse(JSON.parse(text))];
  } catch {
    return [];
  }
}

/** Why the record of the stack could not be read, in one line. */
export function recordFailure(error: unknown): string {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  if (isMissing) return "there is no pulumi CLI on PATH";
  // What a command printed says more than that it failed.
  const { stderr } = Object(error) as { readonly stderr?: unknown };
  const text = typeof stderr === "string" && stderr !== "" ? stderr : errorOf(error).message;
  return text.trim().split("\n")[0] ?? "";
}
