import { connect, type Socket } from "node:net";

/** What a Redis server replies. */
export type RespValue = string | number | null | readonly RespValue[];

/** The server's own refusal of a command, such as `WRONGPASS …`. */
export class RespError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RespError";
  }
}

interface Waiting {
  readonly resolve: (value: RespValue) => void;
  readonly reject: (error: Error) => void;
}

interface Parsed {
  readonly value: RespValue | RespError;
  /** Where the next reply begins. */
  readonly end: number;
}

/** A server that hangs longer than this counts as one that does not answer. */
const REPLY_LIMIT_MS = 10_000;
const LINE_END = "\r\n";

/** A connection that speaks the Redis protocol (RESP 2), as much of it as the emulator's own commands need. */
export class RespConnection {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #received = Buffer.alloc(0);
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setTimeout(REPLY_LIMIT_MS, () => {
      this.#fail(new Error(`no reply within ${REPLY_LIMIT_MS / 1000} s`));
    });
    socket.on("data", (chunk: Buffer) => {
      this.#take(chunk);
    });
    socket.on("error", (error) => {
      this.#fail(error);
    });
    socket.on("close", () => {
      this.#fail(new Error("the server closed the connection"));
    });
  }

  /** Connects and shows the password. @throws Error when the server does not listen, RespError when it refuses. */
  static async open(address: string, port: number, password: string): Promise<RespConnection> {
    const connection = new RespConnection(connect({ host: address, port }));
    try {
      await connection.command("AUTH", password);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** @throws RespError when the server refuses, Error when there is no reply. */
  command(...words: readonly string[]): Promise<RespValue> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encoded(words));
    });
  }

  /** A command that replies text. @throws as {@link command} does. */
  async text(...words: readonly string[]): Promise<string> {
    const reply = await this.command(...words);
    return typeof reply === "string" ? reply : JSON.stringify(reply);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    try {
      for (let parsed = parse(this.#received, 0); parsed; parsed = parse(this.#received, 0)) {
        this.#received = this.#received.subarray(parsed.end);
        const waiting = this.#waiting.shift();
        if (parsed.value instanceof RespError) waiting?.reject(parsed.value);
        else waiting?.resolve(parsed.value);
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function encoded(words: readonly string[]): string {
  const parts = words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]);
  return [`*${words.length}`, ...parts, ""].join(LINE_END);
}

/** One reply, or undefined while it is not whole. @throws Error when it is no reply of a Redis server. */
function parse(bytes: Buffer, start: number): Parsed | undefined {
  const lineEnd = bytes.indexOf(LINE_END, start);
  if (lineEnd < 0) return undefined;
  const line = bytes.toString("utf8", start + 1, lineEnd);
  const end = lineEnd + LINE_END.length;
  switch (bytes.toString("latin1", start, start + 1)) {
    case "+":
      return { value: line, end };
    case "-":
      return { value: new RespError(line), end };
    case ":":
      return { value: Number(line), end };
    case "$":
      return parseText(bytes, end, Number(line));
    case "*":
      return parseList(bytes, end, Number(line));
    default:
      throw new Error("it does not speak the Redis protocol");
  }
}

function parseText(bytes: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { value: null, end: start };
  const end = start + length;
  if (bytes.length < end + LINE_END.length) return undefined;
  return { value: bytes.toString("utf8", start, end), end: end + LINE_END.length };
}

function parseList(bytes: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { value: null, end: start };
  const values: RespValue[] = [];
  let end = start;
  for (let index = 0; index < length; index += 1) {
    const parsed = parse(bytes, end);
    if (parsed === undefined) return undefined;
    values.push(parsed.value instanceof RespError ? parsed.value.message : parsed.value);
    end = parsed.end;
  }
  return { value: values, end };
}
