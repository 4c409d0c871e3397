import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { EmulatorApi } from "./api";
import { answeredControl } from "./control/control";
import { breakConnection } from "./faults/brokenConnection";
import type { TransportFaultKind } from "./faults/faultKinds";
import { sendAnswer, sendError, type SentAnswer } from "./sendAnswer";

interface Answer extends SentAnswer {
  readonly transport?: TransportFaultKind;
}

const MOST_BODY_BYTES = 1024 * 1024;

/** Passes HTTP requests to the API, to its downloads, and to the page and the control of the emulator. */
export function requestListener(
  api: EmulatorApi,
  log: ((line: string) => void) | undefined,
): RequestListener {
  return (request, response) => {
    receive(request, response, (body) => {
      let answer: Answer;
      try {
        if (answeredControl(api, request, response, body)) return;
        answer = apiAnswer(api, request, body);
      } catch (error) {
        // One request that fails (a full disk under the state file, say) must not end the server.
        log?.(`InternalError: ${error instanceof Error ? error.message : String(error)}`);
        sendError(response, 500, "InternalError", "The emulator failed; its log says why.");
        return;
      }
      if (answer.transport === undefined) sendAnswer(response, answer);
      else breakConnection(answer.transport, answer, response);
    });
  };
}

/** Collects a body of at most 1 MiB. */
function receive(
  request: IncomingMessage,
  response: ServerResponse,
  done: (body: string) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MOST_BODY_BYTES) chunks.push(chunk);
  });
  request.on("end", () => {
    if (length <= MOST_BODY_BYTES) {
      done(Buffer.concat(chunks).toString("utf8"));
      return;
    }
    sendError(response, 413, "InvalidParameter", "The body is larger than 1 MiB.");
  });
}

function apiAnswer(api: EmulatorApi, request: IncomingMessage, body: string): Answer {
  const { method = "GET", url = "/", headers } = request;
  if (!api.isDownload(url)) return api.handle({ method, url, body });
  const range = { range: headers.range, ifRange: headers["if-range"]?.toString() };
  const { file, ...download } = api.download({ method, url, ...range });
  return file === undefined ? download : { ...download, body: file };
}
