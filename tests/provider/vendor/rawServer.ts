import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { CdsClient, type ClientOptions } from "../../../provider/vendor/client";
import { SETTING_NAMES } from "../../settingNames";

/** What came in, as far as tests look at it. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly query: URLSearchParams;
}

export interface RawServer {
  readonly url: string;
  readonly requests: readonly RawRequest[];
  /** Hosts that a tunnel was asked for, as a proxy is. */
  readonly tunnels: readonly string[];
}

/** Answers one request, well or badly. */
export type RawAnswer = (request: RawRequest, response: ServerResponse) => void;

const open = new Set<() => Promise<void>>();

/** A server on loopback that answers as it is told, until {@link closeRawServers}. */
export async function startRawServer(answer: RawAnswer): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const tunnels: string[] = [];
  const server = createServer((incoming, response) => {
    void bodyOf(incoming).then((body) => {
      const { method = "", url = "" } = incoming;
      const query = new URLSearchParams(url.slice(url.indexOf("?") + 1));
      const request = { method, url, body, query };
      requests.push(request);
      answer(request, response);
    });
  });
  server.on("connect", ({ url = "" }: IncomingMessage, socket) => {
    tunnels.push(url);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.add(
    () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    tunnels,
  };
}

export async function closeRawServers(): Promise<void> {
  const closing = [...open].map((close) => close());
  open.clear();
  await Promise.all(closing);
}

/** Answers with a status, a body and headers. */
export function answering(
  status: number,
  body: string | object,
  headers: Readonly<Record<string, string>> = {},
): RawAnswer {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

export const CREDENTIALS = {
  accessKeyId: "CANARY-KEY-ID",
  accessKeySecret: "canary+key/secret=",
};

/** A client with the canary key. */
export function clientOf(endpoint: string, options: Partial<ClientOptions> = {}): CdsClient {
  return new CdsClient({
    settingNames: SETTING_NAMES,
    endpoint,
    credentials: CREDENTIALS,
    ...options,
  });
}
