// One step of the set-up: a child process, its progress, and its end when the set-up is interrupted.
import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

/** What every step of a set-up needs: where to tell its progress, and how to learn that it must stop. */
export interface Run {
  progress: Progress;
  signal: AbortSignal;
}

export interface Progress {
  say: (line: string) => void;
  /** Called each second of a long step, with the last line that it printed. */
  tick: (seconds: number, latest: string) => void;
}

export interface Step {
  command: string;
  args: string[];
  cwd: string;
  env?: Record<string, string>;
  /** Default: no limit. */
  limitSeconds?: number;
}

const onWindows = process.platform === "win32";
const secondsBetweenLines = 20;

/** On a terminal the elapsed seconds rewrite one line; elsewhere (a CI log) a line comes now and then. */
export function createProgress(log: ((line: string) => void) | undefined): Progress {
  const { stderr } = process;
  if (log === undefined && stderr.isTTY) {
    const eraseLine = "\r\x1b[K";
    return {
      say: (line) => stderr.write(`${eraseLine}engine: ${line}\n`),
      tick: (seconds, latest) =>
        // A line that wraps can't be erased. Some terminals claim to have no columns.
        stderr.write(eraseLine + `  ${seconds} s  ${latest}`.slice(0, (stderr.columns || 80) - 1)),
    };
  }
  const say = log ?? ((line: string) => stderr.write(`engine: ${line}\n`));
  let linesOfStep = 0;
  return {
    say,
    tick: (seconds, latest) => {
      // A busy machine skips seconds, and each step starts again at 0.
      const lines = Math.floor(seconds / secondsBetweenLines);
      if (lines > 0 && lines !== linesOfStep) say(`  ${seconds} s  ${latest}`);
      linesOfStep = lines;
    },
  };
}

/** Calls `progress.tick` each second until the function that it returns is called. */
export function startTicking(progress: Progress, latest: () => string): () => void {
  const started = performance.now();
  const timer = setInterval(() => {
    progress.tick(Math.round((performance.now() - started) / 1000), latest());
  }, 1000);
  return () => {
    clearInterval(timer);
  };
}

/** Runs a command to its end and returns what it printed on stdout; throws an error that tells why it failed. */
export async function runStep(step: Step, { progress, signal }: Run): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(step.command, step.args, {
    cwd: step.cwd,
    env: { ...process.env, ...step.env },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that its compilers and downloads end with it.
    detached: !onWindows,
    // npx is a .cmd file there, which starts by a shell alone.
    shell: onWindows,
  });
  const end = () => {
    if (child.pid === undefined) return;
    try {
      if (onWindows) child.kill();
      else process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended in this moment.
    }
  };

  let stdout = "";
  let tail: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    // curl's progress rewrites a line, and the vendor's installer colours what it says.
    const lines = stripVTControlCharacters(text).split(/[\r\n]+/);
    tail = [...tail, ...lines.filter((line) => line.trim() !== "")].slice(-8);
  });

  const limit = step.limitSeconds ?? 0;
  const stop = limit === 0 ? signal : AbortSignal.any([signal, AbortSignal.timeout(limit * 1000)]);
  const stopTicking = startTicking(progress, () => tail.at(-1) ?? "");
  stop.addEventListener("abort", end);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      // Not `exit`: `close` waits for all the processes that still hold the pipes, so nothing writes any more.
      child.on("close", resolve);
    });
    signal.throwIfAborted();
    if (stop.aborted) throw new Error(`${step.command} took more than ${limit} s`);
    if (code !== 0) throw new Error([`${step.command} failed:`, ...tail].join("\n    "));
    return stdout;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new Error(`${step.command} isn't on PATH`, { cause: error });
    }
    throw error;
  } finally {
    stopTicking();
    stop.removeEventListener("abort", end);
  }
}
