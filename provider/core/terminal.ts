import { closeSync, openSync, readFileSync, readlinkSync } from "node:fs";

/** A shell and the like stand between the CLI and this process. */
const MOST_ANCESTORS = 8;

/**
 * Whether the rows that the CLI shows are drawn anew: it writes to a terminal, and neither a file, a
 * pipe nor a CI's log.
 */
export function hasTerminal(environment: Readonly<Record<string, string | undefined>>): boolean {
  if ((environment["CI"] ?? "") !== "") return false;
  return process.platform === "linux" ? doesCliWriteToTerminal() : isThereTerminal();
}

/** This process itself writes to the engine. */
function doesCliWriteToTerminal(): boolean {
  try {
    let pid = process.ppid;
    for (let ancestors = 0; ancestors < MOST_ANCESTORS; ancestors += 1) {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, name = "", parent = ""] = /^\d+ \((.*)\) \S (\d+)/s.exec(stat) ?? [];
      if (name === "pulumi") {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        const output = readlinkSync(`/proc/${pid}/fd/1`);
        return /^\/dev\/(pts\/|tty)/.test(output) && !words.includes("--non-interactive");
      }
      pid = Number(parent);
    }
  } catch {
    // An ancestor that can't be looked at is nobody's CLI.
  }
  return false;
}

/** All that can be told where no process shows what it writes to. */
function isThereTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
