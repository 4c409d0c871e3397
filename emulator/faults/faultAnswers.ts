import { STATUS_CODES } from "node:http";
import { firstHalf, isFilePart, type AnswerBody } from "../answerBody";
import type { EmulatorApiRequest } from "../api";
import { CONTROL_TEXT } from "./controlText";
import { echoOf } from "./echoes";
import {
  isEchoKind,
  isHttpKind,
  isTransportKind,
  type BodyFaultKind,
  type ContentFaultKind,
  type EchoFaultKind,
  type FaultKind,
  type HttpFaultKind,
  type TransportFaultKind,
} from "./faultKinds";

/** The answer of a fault. */
export interface FaultAnswer {
  /** HTTP status; 0 when the connection breaks before it. */
  readonly status: number;
  /** Undefined when there is no answer. */
  readonly contentType?: string;
  /** Headers other than Content-Type and Date. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
  /** The `Code` in the body; "" when it has none. */
  readonly code: string;
  /** The fault of the connection, which cuts this answer (`huge`: makes it longer). */
  readonly transport?: TransportFaultKind;
}

/** The answer of a call that was carried out, of which a fault may pass on a part. */
export interface RealAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
}

const JSON_TYPE = "application/json";
/** Stands for the real answer where the call was not carried out. */
const NO_ANSWER: RealAnswer = {
  status: 200,
  contentType: JSON_TYPE,
  body: envelope("Success", {}, "success"),
};

const BEGIN_AN_ANSWER: readonly FaultKind[] = ["slow", "truncated", "huge"];

/** Whether the client gets the beginning of the real answer. */
export function beginsAnAnswer(kind: FaultKind): boolean {
  return BEGIN_AN_ANSWER.includes(kind);
}

/** The answer that a fault gives. `real` is the answer of the call, if it was carried out. */
export function faultAnswer(
  kind: Exclude<FaultKind, ContentFaultKind>,
  request: EmulatorApiRequest,
  real: RealAnswer = NO_ANSWER,
): FaultAnswer {
  if (isTransportKind(kind)) return transportAnswer(kind, real);
  if (isEchoKind(kind)) return echoAnswer(kind, request);
  return isHttpKind(kind) ? refusalAnswer(REFUSALS[kind]) : bodyAnswer(kind, real);
}

function transportAnswer(kind: TransportFaultKind, real: RealAnswer): FaultAnswer {
  const { contentType, headers = {}, body } = real;
  // The headers of a part of a file must not come with the status of the whole.
  const status = real.status === 206 ? 206 : 200;
  const cut = kind === "truncated" ? firstHalf(body) : body;
  return beginsAnAnswer(kind)
    ? { status, contentType, headers, body: cut, code: "", transport: kind }
    : { status: 0, body: "", code: "", transport: kind };
}

interface Refusal {
  readonly status: number;
  /** The `Code` in the vendor's envelope. Default: the answer is a gateway's page of HTML. */
  readonly code?: string;
  readonly message?: string;
  readonly taskId?: string;
  /** In seconds. */
  readonly retryAfter?: string;
}

const THROTTLED = { code: "TooManyRequests", message: "There are too many requests." };
const EXPIRED = { code: "TimestampExpired", message: "The Timestamp is too far from now." };

const REFUSALS: Readonly<Record<HttpFaultKind, Refusal>> = {
  "http-400": { status: 400, code: "InvalidParameter", message: "A parameter is not valid." },
  "http-401": { status: 401, code: "Unauthorized", message: "The caller is not known." },
  "http-403": { status: 403, code: "Forbidden", message: "This call is not allowed." },
  "http-404": { status: 404, code: "ResourceNotFound", message: "There is no such resource." },
  "http-409": { status: 409, code: "ResourceInUse", message: "The resource is busy." },
  "http-429": { status: 429, ...THROTTLED },
  "http-429-retry-after": { status: 429, retryAfter: "5" },
  "http-500": { status: 500, code: "InternalError", message: "The server failed." },
  "http-500-order": { status: 500, code: "CreateOrderExcept", message: "The order failed." },
  "http-502": { status: 502 },
  "http-503": { status: 503, retryAfter: "2" },
  "http-504": { status: 504 },
  "http-403-gateway": { status: 403 },
  "http-200-throttled": { status: 200, ...THROTTLED },
  "http-400-throttled": { status: 400, ...THROTTLED },
  "http-200-expired": { status: 200, ...EXPIRED },
  "http-400-expired": { status: 400, ...EXPIRED },
  "http-400-control": {
    status: 400,
    code: `InvalidParameter${CONTROL_TEXT}`,
    message: `A parameter is not valid.${CONTROL_TEXT}`,
    taskId: CONTROL_TEXT,
  },
};

function refusalAnswer({ status, code, message = "", taskId, retryAfter }: Refusal): FaultAnswer {
  const headers = retryAfter === undefined ? {} : { "Retry-After": retryAfter };
  if (code === undefined) return { ...page(status), headers };
  return {
    status,
    contentType: JSON_TYPE,
    headers,
    body: envelope(code, {}, message, taskId),
    code,
  };
}

function echoAnswer(kind: EchoFaultKind, request: EmulatorApiRequest): FaultAnswer {
  const message = echoOf(kind, request);
  return refusalAnswer({ status: 400, code: "InvalidParameter", message });
}

function bodyAnswer(kind: BodyFaultKind, real: RealAnswer): FaultAnswer {
  const json = (body: AnswerBody, code = ""): FaultAnswer => {
    return { status: 200, contentType: JSON_TYPE, body, code };
  };
  switch (kind) {
    case "html":
      return page(200);
    case "empty-body":
      return { status: 200, contentType: real.contentType, body: "", code: "" };
    case "malformed-json":
      return json('{"Code":"Success","Data":{},,}');
    case "truncated-json":
      return json(firstHalf(real.body));
    case "no-code": {
      const text = isFilePart(real.body) ? "{}" : real.body.toString();
      const { Data, Message, TaskId } = JSON.parse(text) as Record<string, unknown>;
      return json(JSON.stringify({ Data, Message, TaskId }));
    }
    case "error-code":
      return json(envelope("InternalError", {}, "The server failed."), "InternalError");
    case "null-data":
      return json(envelope("Success", null, "success"), "Success");
    case "empty-list":
      return json(envelope("Success", [], "success"), "Success");
  }
}

function envelope(code: string, data: unknown, message: string, taskId = ""): string {
  return JSON.stringify({ Code: code, Data: data, Message: message, TaskId: taskId });
}

function page(status: number): FaultAnswer {
  const title = `${status} ${STATUS_CODES[status] ?? ""}`;
  const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return { status, contentType: "text/html", body, code: "" };
}
