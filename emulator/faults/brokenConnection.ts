import type { ServerResponse } from "node:http";
import { Readable, pipeline } from "node:stream";
import { chunksOf, lengthOf, partOf, type AnswerBody } from "../answerBody";
import type { TransportFaultKind } from "./faultKinds";
import type { SentAnswer } from "../sendAnswer";

const CHUNK = Buffer.alloc(64 * 1024, " ");
/** More than 8 MiB, in chunks. */
const HUGE_CHUNKS = 9 * 16;

/** Carries out a fault of the connection instead of sending the whole answer. */
export function breakConnection(
  kind: TransportFaultKind,
  { status, headers, body }: SentAnswer,
  response: ServerResponse,
): void {
  const length = lengthOf(body);
  switch (kind) {
    case "hang":
      return;
    case "slow":
      response.writeHead(status, { ...headers, "Content-Length": length });
      void write(partOf(body, 0, Math.min(1, length)), response);
      return;
    case "truncated":
      response.writeHead(status, { ...headers, "Content-Length": 2 * length + 1 });
      void write(body, response).then(() => {
        response.destroy();
      });
      return;
    case "huge": {
      const total = HUGE_CHUNKS * CHUNK.length + length;
      response.writeHead(status, { ...headers, "Content-Length": total });
      // The client is meant to give up before the end.
      pipeline(Readable.from(afterSpaces(body)), response, () => undefined);
      return;
    }
    case "dns":
    case "refused":
    case "tls":
    case "reset":
      response.socket?.resetAndDestroy();
  }
}

/** Writes a body and leaves the answer open. Never throws: without client or file it ends the connection. */
async function write(body: AnswerBody, response: ServerResponse): Promise<void> {
  try {
    for await (const chunk of chunksOf(body)) {
      await new Promise((resolve) => response.write(chunk, resolve));
    }
  } catch {
    response.destroy();
  }
}

/** JSON may begin with spaces. The same chunk is sent again and again, so that little is in memory. */
async function* afterSpaces(body: AnswerBody): AsyncGenerator<string | Buffer> {
  for (let index = 0; index < HUGE_CHUNKS; index += 1) yield CHUNK;
  yield* chunksOf(body);
}
