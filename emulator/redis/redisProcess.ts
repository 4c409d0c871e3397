import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { redisCli } from "./redisCli";
import { redisConfiguration, type RedisServerPlan } from "./redisConfiguration";

export const POLL_MS = 20;
const START_LIMIT_MS = 30_000;
const LISTENING = /ready to accept connections/i;
const TERMINATION_LIMIT_MS = 1000;
const OUTPUT_LIMIT_MS = 100;
const MOST_OUTPUT = 8192;
/** This process holds the script's input open. When the input ends, the script kills the server and removes its files. */
const GUARD = 'read -r _; kill -9 "$1" 2>/dev/null; rm -rf -- "$2"';

/** The programs that stand behind an instance. */
export interface RedisPrograms {
  /** redis-server, or one that takes the same configuration. */
  readonly server: string;
  /** redis-cli, or one that takes the same arguments. */
  readonly cli: string;
}

/** One redis-server that this process started, and ends by its handle, never by a name. */
export class RedisProcess {
  readonly plan: RedisServerPlan;
  /** Settles with the reason, in words, when the process has ended. */
  readonly ended: Promise<string>;
  readonly #cli: string;
  readonly #child: ChildProcess;
  readonly #guard: ChildProcess | undefined;
  #output = "";
  #isListening = false;
  #ending: string | undefined;

  /** @param root The folder to remove when this process is killed. */
  constructor({ server, cli }: RedisPrograms, plan: RedisServerPlan, root: string) {
    this.plan = plan;
    this.#cli = cli;
    const child = spawn(server, ["-"], {
      cwd: plan.folder,
      // The server gets no other variables, since some may be secrets.
      env: { PATH: process.env["PATH"] },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString("utf8")).slice(-MOST_OUTPUT);
        this.#isListening ||= LISTENING.test(this.#output);
      });
    }
    this.ended = new Promise((resolve) => {
      const end = (reason: string): void => {
        this.#ending ??= reason;
        this.#guard?.kill("SIGKILL");
        resolve(this.#ending);
      };
      child.on("error", (error) => {
        end(`it can't be run: ${error.message}`);
      });
      child.on("exit", (code, signal) => {
        const ended = (): void => {
          end(this.#whyEnded(code, signal));
        };
        // After "close" all output is here. A child of a BGSAVE may keep it open: don't wait for that.
        const late = setTimeout(ended, OUTPUT_LIMIT_MS);
        child.on("close", () => {
          clearTimeout(late);
          ended();
        });
      });
    });
    // The server may end before it reads its input: its exit tells why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(redisConfiguration(plan));
    this.#guard = child.pid === undefined ? undefined : guard(child.pid, root);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#ending !== undefined;
  }

  /** What the server replies to a command, a refusal included. @throws Error when there is no reply. */
  ask(...words: readonly string[]): Promise<string> {
    return redisCli(this.#cli, this.plan, words);
  }

  /** Waits until the server answers PING. @throws Error that says why it does not. */
  async untilAnswering(): Promise<void> {
    const limit = performance.now() + START_LIMIT_MS;
    for (;;) {
      if (this.#ending !== undefined) throw new Error(this.#ending);
      // Until the server listens the port may be another program's, which must not see the password.
      if (this.#isListening && (await this.#answers())) return;
      if (performance.now() > limit) {
        throw new Error(`it does not answer within ${START_LIMIT_MS / 1000} s`);
      }
      await pause(POLL_MS);
    }
  }

  /** Ends the server. After SIGTERM, unlike SIGKILL, it ends the child of a BGSAVE, too. */
  async end(): Promise<void> {
    if (this.hasEnded) return;
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), TERMINATION_LIMIT_MS);
    await this.ended;
    clearTimeout(late);
  }

  /** Ends the server at once, without waiting. */
  kill(): void {
    if (!this.hasEnded) this.#child.kill("SIGKILL");
  }

  async #answers(): Promise<boolean> {
    try {
      return (await this.ask("PING")) === "PONG";
    } catch {
      return false;
    }
  }

  #whyEnded(code: number | null, signal: NodeJS.Signals | null): string {
    const { address, port } = this.plan;
    if (/Address already in use/i.test(this.#output)) {
      return `port ${port} of ${address} is in use: order with another port`;
    }
    const how = signal === null ? `with exit code ${code ?? "?"}` : `by ${signal}`;
    const said = signal === null && code !== 0 ? this.#lastWords() : "";
    return `it ended ${how}${said === "" ? "" : `: ${said}`}`;
  }

  /** The last line of the server's output, but never a line that repeats the configuration with the password. */
  #lastWords(): string {
    const lines = this.#output.split("\n").map((line) => line.replace(/^\d+:\w .{24} [#*.-] /, ""));
    const last = lines.findLast((line) => line.trim() !== "" && !line.includes(">>>")) ?? "";
    const isSafe = !last.includes(this.plan.password) && !last.includes("\\x");
    return isSafe ? last.replace(/\p{Cc}+/gu, " ").slice(0, 200) : "";
  }
}

/** Starts a shell that outlives this process: a kill -9 of this process must not leave a server behind. */
function guard(pid: number, root: string): ChildProcess | undefined {
  if (process.platform === "win32") return undefined;
  const shell = spawn("/bin/sh", ["-c", GUARD, "sh", String(pid), root], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdio: ["pipe", "ignore", "ignore"],
    // In this process's group, Ctrl-C would end the shell before it has cleared up.
    detached: true,
  });
  shell.on("error", () => undefined);
  shell.stdin.on("error", () => undefined);
  return shell;
}
