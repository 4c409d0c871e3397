import type { IncomingMessage, ServerResponse } from "node:http";
import type { EmulatorApi } from "../api";
import { answerFaultControl, FAULTS_PATH } from "../faults/faultControl";
import { sendLiveEvents } from "../page/liveEvents";
import { pageAnswer } from "../page/page";
import { sendAnswer } from "../sendAnswer";
import { answerAccountControl } from "./accountControl";
import {
  CONTROL_PATH,
  json,
  refusal,
  refusalOf,
  wrongMethod,
  type ControlAnswer,
  type ControlRequest,
} from "./controlGuard";

const STATE_PATH = `${CONTROL_PATH}state`;
const EVENTS_PATH = `${CONTROL_PATH}events`;

/** Answers a request for the page or for the control. False for every other request, which is the vendor's API's. */
export function answeredControl(
  api: EmulatorApi,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): boolean {
  const url = request.url ?? "/";
  const isPage = asksForPage(request);
  if (!isPage && !url.startsWith(CONTROL_PATH)) return false;
  const asked = controlRequest(request, body);
  const refused = refusalOf(asked);
  if (refused !== undefined) sendAnswer(response, refused);
  else if (isPage) sendAnswer(response, pageAnswer());
  else if (url === EVENTS_PATH && asked.method === "GET")
    sendLiveEvents(response, () => api.view());
  else sendAnswer(response, controlAnswer(api, url, asked));
  return true;
}

/** Only a browser asks for HTML: a client of the API that has the wrong path gets the API's own refusal. */
function asksForPage({ method, url = "/", headers }: IncomingMessage): boolean {
  const isRead = method === "GET" || method === "HEAD";
  return isRead && /^\/(\?.*)?$/.test(url) && (headers.accept ?? "").includes("text/html");
}

function controlAnswer(api: EmulatorApi, url: string, asked: ControlRequest): ControlAnswer {
  if (url === FAULTS_PATH) return answerFaultControl(api.faults, asked);
  if (url === STATE_PATH || url === EVENTS_PATH) {
    return asked.method === "GET"
      ? json(200, api.view())
      : wrongMethod("GET shows the emulated account.", "GET");
  }
  const answer = answerAccountControl(api.store, url, asked);
  return answer ?? refusal(404, "The control of the emulator has no such path.");
}

function controlRequest(request: IncomingMessage, body: string): ControlRequest {
  const { method = "GET", headers, socket } = request;
  return {
    method,
    remoteAddress: socket.remoteAddress,
    host: headers.host,
    origin: headers.origin,
    contentType: headers["content-type"],
    body,
  };
}
