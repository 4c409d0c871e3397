import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { delimiter, resolve } from "node:path";
import { text } from "node:stream/consumers";

import type { Companion } from "../../../scripts/engine/companions.mts";

const script = resolve(__dirname, "../../../scripts/engine.mts");

/** How long a machine without Pulumi's own download may take to compile a companion. */
export const COMPILE_MS = 20 * 60_000;

/**
 * Returns a PATH with the engine and this companion in front. A process of its own sets it up: Ctrl-C reaches that
 * process, and its handlers of signals are real, which those of a jest worker are not.
 */
export async function pathWith(companion: Companion): Promise<string> {
  const child = spawn(process.execPath, [script, companion], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  stepBack(child);
  const [folders, [code]] = await Promise.all([
    text(child.stdout),
    once(child, "close") as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`scripts/engine.mts ${companion} failed: its output says why`);
  // The companion comes first: another language host of that name may be on PATH.
  return [...folders.trim().split(delimiter).reverse(), process.env["PATH"] ?? ""].join(delimiter);
}

/** Lets other tests, which run meanwhile with time limits, go before a compiler. */
export function stepBack({ pid }: ChildProcess): void {
  if (pid !== undefined) setPriority(pid, 10);
}
