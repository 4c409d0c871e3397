import {
  CdsAnswerError,
  CdsApiError,
  CdsConnectionError,
  CdsGatewayError,
  type CdsError,
} from "../../../provider/vendor/errors";
import { answering, type RawAnswer } from "./rawServer";

export const refusal = (code: string, message = "No."): object => ({
  Code: code,
  Data: {},
  Message: message,
  TaskId: "task-1",
});

export const reset: RawAnswer = (_request, response) => {
  response.destroy();
};

const cutOff: RawAnswer = (_request, response) => {
  response.writeHead(200, { "Content-Length": "1000" });
  response.write('{"Code":"Success","Data":[');
  setImmediate(() => response.destroy());
};

/** Ten mebibytes, as fast as they are taken. */
const huge: RawAnswer = (_request, response) => {
  response.writeHead(200);
  const mebibyte = " ".repeat(1024 * 1024);
  for (let sent = 0; sent < 10; sent += 1) response.write(mebibyte);
  response.end(JSON.stringify({ Code: "Success", Data: [] }));
};

export interface Kind {
  readonly kind: string;
  readonly answer: RawAnswer;
  readonly type: new (...args: never[]) => CdsError;
  readonly error: object;
  /** A part of the message. */
  readonly says: string;
  readonly ambiguous: boolean;
  readonly transient: boolean;
  /** Default: all that a read may take where the failure is transient, else 1. */
  readonly reads?: number;
}

const api = (
  httpStatus: number,
  code: string,
  ambiguous: boolean,
  transient: boolean,
  headers: Record<string, string> = {},
): Kind => ({
  kind: `HTTP ${httpStatus} ${code}`,
  answer: answering(httpStatus, refusal(code), headers),
  type: CdsApiError,
  error: { httpStatus, code },
  says: "(TaskId task-1, for the vendor's support)",
  ambiguous,
  transient,
});

const useless = (kind: string, answer: RawAnswer, given = "HTTP 200 with an answer"): Kind => ({
  kind,
  answer,
  type: CdsAnswerError,
  error: {},
  says: `CdsAnswerError: CreateDBInstance: ${given} that can't be used: `,
  ambiguous: true,
  transient: true,
});

const gateway = (kind: string, httpStatus: number, body: string | object): Kind => ({
  kind,
  answer: answering(httpStatus, body),
  type: CdsGatewayError,
  error: {},
  says: `the vendor's gateway failed (${httpStatus}). Try again later.`,
  ambiguous: true,
  transient: true,
});

export const KINDS: Kind[] = [
  api(400, "ArgMissing", false, false),
  api(400, "InvalidParameter", false, false),
  api(401, "InvalidAccessKeyId", false, false),
  api(403, "SignatureDoesNotMatch", false, false),
  api(404, "ResourceNotFound", false, false),
  api(409, "ResourceInUse", false, false),
  api(429, "Throttling", false, true),
  api(500, "InternalError", true, true),
  api(500, "CreateOrderExcept", true, true),
  api(503, "Busy", true, true),
  api(200, "BadArgs", false, false),
  api(200, "InternalError", true, true),
  api(200, "CreateOrderExcept", true, true),
  // An answer that says success with the status of a failure is none.
  api(400, "Success", false, false),
  useless("HTML", answering(200, "<html>it works</html>")),
  gateway("HTML of a gateway", 502, "<html>bad gateway</html>"),
  gateway("JSON of a gateway", 503, { message: "no upstream" }),
  gateway("nothing of a gateway", 504, ""),
  useless(
    "HTML of another site",
    answering(404, "<html>not found</html>"),
    "HTTP 404 with an answer",
  ),
  useless(
    "JSON of another site",
    answering(404, { error: "not found" }),
    "HTTP 404 with an answer",
  ),
  useless("an empty body", answering(200, "")),
  useless("truncated JSON", answering(200, '{"Code":"Success","Data":[{"Inst')),
  useless("JSON that is no object", answering(200, "[]")),
  useless("JSON null", answering(200, "null")),
  useless("no Code", answering(200, { Data: [] })),
  useless("a redirect", answering(302, "", { Location: "/elsewhere" }), "HTTP 302 with an answer"),
  useless("a body cut off", cutOff, "an answer"),
  useless("a body over 8 MiB", huge, "an answer"),
  {
    kind: "a connection reset",
    answer: reset,
    type: CdsConnectionError,
    error: {},
    says: "no answer from http",
    ambiguous: true,
    transient: true,
  },
];
