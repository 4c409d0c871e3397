import type { ServerResponse } from "node:http";
import { Readable, pipeline } from "node:stream";
import type { EmulatorApiAnswer, EmulatorFileAnswer } from "./api";
import type { TransportFaultKind } from "./faultKinds";

const CHUNK = Buffer.alloc(64 * 1024, " ");
/** More than 8 MiB, in chunks. */
const HUGE_CHUNKS = 9 * 16;

/** Does to a connection what a fault asks for, in the place of sending the answer. */
export function breakConnection(
  kind: TransportFaultKind,
  { status, headers, body }: EmulatorApiAnswer | EmulatorFileAnswer,
  response: ServerResponse,
): void {
  const length = Buffer.byteLength(body);
  switch (kind) {
    case "hang":
      return;
    case "slow":
      response.writeHead(status, { ...headers, "Content-Length": length });
      response.write(Buffer.from(body).subarray(0, 1));
      return;
    case "truncated":
      response.writeHead(status, { ...headers, "Content-Length": 2 * length + 1 });
      response.write(body, () => {
        response.destroy();
      });
      return;
    case "huge": {
      const total = HUGE_CHUNKS * CHUNK.length + length;
      response.writeHead(status, { ...headers, "Content-Length": total });
      // A client that gives up in between is what is wanted.
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

/** Spaces may stand before JSON. One chunk serves for all, so that nothing large is held. */
function* afterSpaces(body: string | Buffer): Generator<string | Buffer> {
  for (let index = 0; index < HUGE_CHUNKS; index += 1) yield CHUNK;
  yield body;
}
