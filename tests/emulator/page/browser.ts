import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";

const PROGRAMS = ["chromium-headless-shell", "chromium", "google-chrome"];
export const HOW_TO_INSTALL_CHROMIUM = "On Debian: apt-get install chromium-headless-shell.";

/** The path of a Chromium on PATH, or undefined. */
export function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const paths = PROGRAMS.flatMap((program) => folders.map((folder) => join(folder, program)));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** A headless Chromium with one page, driven by its own DevTools protocol over pipes. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #commands: Writable;
  readonly #waiting = new Map<number, (message: Message) => void>();
  /** What the page wrote to the console, its exceptions, and what its policy blocked. */
  readonly complaints: string[] = [];
  #count = 0;
  #session: string | undefined;

  private constructor(program: string) {
    this.#profile = mkdtempSync(join(tmpdir(), "cds-redis-browser-"));
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
    this.#process = spawn(
      program,
      [...flags, "--remote-debugging-pipe", "--lang=en", `--user-data-dir=${this.#profile}`],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], detached: true },
    );
    this.#commands = this.#process.stdio[3] as Writable;
    let rest = "";
    (this.#process.stdio[4] as Readable).setEncoding("utf8").on("data", (chunk: string) => {
      const messages = (rest + chunk).split("\0");
      rest = messages.pop() ?? "";
      for (const message of messages) this.#take(JSON.parse(message) as Message);
    });
  }

  static async start(program: string): Promise<Browser> {
    const browser = new Browser(program);
    const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
    const attached = await browser.send("Target.attachToTarget", { targetId, flatten: true });
    browser.#session = String(attached["sessionId"]);
    for (const domain of ["Page", "Runtime", "Log"]) await browser.send(`${domain}.enable`);
    return browser;
  }

  async send(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    this.#count += 1;
    const id = this.#count;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    const { result, error } = await new Promise<Message>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#commands.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  async open(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
  }

  /** The value of an expression in the page. */
  async value(expression: string): Promise<unknown> {
    const answer = await this.send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    const { result, exceptionDetails } = answer as {
      result: { value?: unknown };
      exceptionDetails?: { exception?: { description?: string } };
    };
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? "The expression failed.");
    return result.value;
  }

  /** Waits, at most ten seconds, until an expression is true in the page. */
  async until(expression: string): Promise<void> {
    const isTrue = await this.value(`new Promise((resolve) => {
      const end = performance.now() + 10000;
      const look = () => {
        let seen = false;
        try { seen = Boolean(${expression}); } catch {}
        if (seen || performance.now() > end) resolve(seen);
        else setTimeout(look, 20);
      };
      look();
    })`);
    if (isTrue === true) return;
    throw new Error(`Not so within ten seconds: ${expression}\n${String(await this.text())}`);
  }

  async text(): Promise<unknown> {
    return this.value("document.body.innerText");
  }

  /** Presses the mouse in the middle of an element, so that one that is covered is not clicked. */
  async click(selector: string): Promise<void> {
    const place = (await this.value(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: "center" });
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`)) as { x: number; y: number };
    for (const type of ["mousePressed", "mouseReleased"])
      await this.send("Input.dispatchMouseEvent", {
        ...place,
        type,
        button: "left",
        clickCount: 1,
      });
  }

  /** Replaces what stands in a field, as typing would. */
  async fill(selector: string, text: string): Promise<void> {
    await this.value(`document.querySelector(${JSON.stringify(selector)}).select()`);
    await this.send("Input.insertText", { text });
  }

  /** Ends the browser and all its processes. It may be done twice. */
  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once("exit", resolve));
      // Its other processes still write into the profile when it alone is killed.
      process.kill(-pid, "SIGKILL");
      await ended;
    }
    for (const pipe of this.#process.stdio) pipe?.destroy();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  #take({ id, method, params, ...answer }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    } else if (method === "Runtime.exceptionThrown" || method === "Runtime.consoleAPICalled") {
      this.complaints.push(JSON.stringify(params));
    } else if (method === "Log.entryAdded") {
      const { entry } = params as { entry: { text: string; url?: string } };
      this.complaints.push(`${entry.text} ${entry.url ?? ""}`);
    }
  }
}
