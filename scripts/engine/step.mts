// Runs one step of the set-up as a child process, shows its progress, and ends it when the set-up is interrupted.
import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

/** What every step of a set-up needs: where to report progress, and a signal that tells it to stop. */
export interface Run {
  progress: Progress;
  signal: AbortSignal;
}

export interface Progress {
  say: (line: string) => void;
  /** Called each second of a long step, with the last line that the step printed. */
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

/** On a terminal the elapsed seconds rewrite one line. Elsewhere, as in a CI log, a line comes now and then. */
export function createProgress(log: ((line: string) => void) | undefined): Progress {
  const { stderr } = process;
  if (log === undefined && stderr.isTTY) {
    const eraseLine = "\r\x1b[K";
    return {
      say: (line) => stderr.write(`${eraseLine}engine: ${line}\n`),
      tick: (seconds, latest) =>
        // A wrapped line cannot be erased. Some terminals report no columns.
        stderr.write(eraseLine + `  ${seconds} s  ${latest}`.slice(0, (stderr.columns || 80) - 1)),
    };
  }
  const say = log ?? ((line: string) => stderr.write(`engine: ${line}\n`));
  let linesOfStep = 0;
  return {
    say,
    tick: (seconds, latest) => {
      // A busy machine skips seconds, and each step starts at 0.
      const lines = Math.floor(seconds / secondsBetweenLines);
      if (lines > 0 && lines !== linesOfStep) say(`  ${seconds} s  ${latest}`);
      linesOfStep = lines;
    },
  };
}

/** Calls `progress.tick` each second. Returns the function that ends this. */
export function startTicking(progress: Progress, latest: () => string): () => void {
  const started = performance.now();
  const timer = setInterval(() => {
    progress.tick(Math.round((performance.now() - started) / 1000), latest());
  }, 1000);
  return () => {
    clearInterval(timer);
  };
}

/** Runs a command to its end and returns its standard output. Throws an error that says why the command failed. */
export async function runStep(step: Step, { progress, signal }: Run): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(step.command, step.args, {
    cwd: step.cwd,
    env: { ...process.env, ...step.env },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that compilers and downloads end with the command.
    detached: !onWindows,
    // On Windows npx is a .cmd file, which only a shell can start.
    shell: onWindows,
  });
  const end = () => {
    if (child.pid === undefined) return;
    try {
      if (onWindows) child.kill();
      else process.kill(-child.pid, "SIGKILL");
    } catch {
      // The command has just ended.
    }
  };

  let stdout = "";
  let tail: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    // curl rewrites its progress line, and the installer prints colours.
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
      // `close` comes after `exit`, when no process holds the pipes and nothing writes any more.
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
