import type { ServerResponse } from "node:http";
import { Readable, pipeline } from "node:stream";
import { chunksOf, isFilePart, lengthOf, type AnswerBody } from "./answerBody";

/** An HTTP answer. */
export interface SentAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
}

/** Sends a whole answer; a file goes from disk to the connection piece by piece. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: SentAnswer): void {
  response.writeHead(status, { ...headers, "Content-Length": lengthOf(body) });
  if (!isFilePart(body)) {
    // Node leaves the body out for HEAD.
    response.end(body);
  } else if (response.req.method === "HEAD") {
    response.end();
  } else {
    // A file that can't be read ends the connection: the client gets fewer bytes than Content-Length says.
    pipeline(Readable.from(chunksOf(body)), response, () => undefined);
  }
}

export function sendError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ Code: code, Data: {}, Message: message, TaskId: "" }));
}
