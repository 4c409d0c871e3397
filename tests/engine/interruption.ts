import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import type { PulumiProject } from "./pulumiProject";

const run = promisify(execFile);
const LONGEST_WAIT_MS = 60_000;
const BETWEEN_LOOKS_MS = 25;
/** A host without an engine ends by itself, and at once; other load may hold it up. */
const HOST_END_MS = 10_000;

export const INTERRUPTIONS = [
  "Ctrl-C",
  "twice Ctrl-C",
  "kill -9 of the CLI",
  "kill -9 of the host",
] as const;
export type Interruption = (typeof INTERRUPTIONS)[number];

/** What an interruption needs of a project: `scripts/recordState.mts` interrupts the engine, too. */
type Interruptible = Pick<PulumiProject, "launch" | "home">;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly isZombie: boolean;
  readonly command: string;
}

/** What is left of a command that was interrupted. */
export interface Interrupted {
  readonly output: string;
  /** What this machine's notes of orders said at the moment of the interruption. */
  readonly notes: readonly string[];
}

/** Waits for something to come true. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  limitMs = LONGEST_WAIT_MS,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await sleep(BETWEEN_LOOKS_MS);
  }
}

/**
 * Runs the engine as a terminal does, and interrupts it once `isMoment` says so. Comes back when the
 * command has ended and its host has, too, which it must do by itself.
 */
export async function interrupt(
  project: Interruptible,
  how: Interruption,
  isMoment: () => boolean,
  ...args: string[]
): Promise<Interrupted> {
  const command = project.launch("pulumi", args, {}, true);
  const moment = until("it can be interrupted", isMoment).then(() => undefined);
  const early = await Promise.race([moment, command.ended]);
  if (early !== undefined) throw new Error(`it ended by itself:\n${early.output}`);
  const notes = await notesOf(project);
  const started = await startedBy(command.pid);
  const hosts = hostsAmong(started);
  if (how === "kill -9 of the CLI") process.kill(command.pid, "SIGKILL");
  else if (how === "kill -9 of the host") for (const host of hosts) process.kill(host, "SIGKILL");
  else await pressCtrlC(command.pid, how === "Ctrl-C" ? 1 : 2, command.printed);
  const { output } = await command.ended;
  await until("the host has ended", async () => !(await areAlive(hosts)), HOST_END_MS);
  await endLeftOver(started);
  return { output, notes };
}

/** A terminal sends the signal to the whole group that is in front. */
async function pressCtrlC(group: number, times: number, printed: () => string): Promise<void> {
  for (let pressed = 1; pressed <= times; pressed += 1) {
    process.kill(-group, "SIGINT");
    // Two signals that come together count as one.
    await until("it says so", () => printed().split("^C received").length > pressed);
  }
}

/** The orders that this machine notes as unfinished, as text. */
export async function notesOf({ home }: Pick<Interruptible, "home">): Promise<string[]> {
  const folder = join(home, "cds-redis", "orders");
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
}

async function processes(): Promise<Process[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,stat=,args="]);
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, stat = "", command = ""] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined) return [];
    return [{ pid: +pid, parent: Number(parent), isZombie: stat.startsWith("Z"), command }];
  });
}

/** The processes that this one started, and those that they did. */
export async function startedBy(pid: number): Promise<Process[]> {
  const all = await processes();
  const found: Process[] = [];
  for (let parents = [pid]; parents.length > 0;) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

/** The processes that run the provider, on either face. */
export function hostsAmong(started: readonly Process[]): readonly number[] {
  const hosts = started.filter(({ command }) =>
    /^\S*node .*(cmd\/dynamic-provider|\/plugin\.js)/.test(command),
  );
  if (hosts.length === 0)
    throw new Error(`there is no host:\n${started.map((one) => one.command).join("\n")}`);
  return hosts.map(({ pid }) => pid);
}

export async function areAlive(pids: readonly number[]): Promise<boolean> {
  return (await processes()).some(({ pid, isZombie }) => pids.includes(pid) && !isZombie);
}

/** The language host, which is not ours, may outlive a CLI that was killed. */
export async function endLeftOver(started: readonly Process[]): Promise<void> {
  const now = await processes();
  for (const { pid, command } of started)
    if (now.some((one) => one.pid === pid && one.command === command)) process.kill(pid, "SIGKILL");
}
