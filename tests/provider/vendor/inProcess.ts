import { AxiosHeaders, type AxiosAdapter } from "axios";

import { CdsClient, type ClientOptions } from "../../../provider/vendor/client";
import { CREDENTIALS } from "./rawServer";
import { SETTING_NAMES } from "../../settingNames";

/** One request, as far as tests look at it. */
export interface SeenRequest {
  readonly action: string;
  readonly method: string;
  readonly query: URLSearchParams;
  /** In milliseconds since the epoch, in the time of the test. */
  readonly at: number;
}

/** Status, body and headers of an answer. */
export type Scripted = readonly [
  status: number,
  body: string | object,
  headers?: Readonly<Record<string, string>>,
];

export const success = (data: unknown = []): Scripted => [200, { Code: "Success", Data: data }];

export const refused = (
  status: number,
  code: string,
  message = "No.",
  headers: Readonly<Record<string, string>> = {},
): Scripted => [status, { Code: code, Message: message }, headers];

/**
 * A client whose network is a function, for tests in virtual time. `answer` is told the request and
 * how many came before.
 */
export function clientAnswered(
  answer: (request: SeenRequest, before: number) => Scripted,
  options: Partial<ClientOptions> = {},
): { readonly client: CdsClient; readonly requests: readonly SeenRequest[] } {
  const requests: SeenRequest[] = [];
  const adapter: AxiosAdapter = (config) => {
    const query = new URL(config.url ?? "").searchParams;
    const method = (config.method ?? "get").toUpperCase();
    const request = { action: query.get("Action") ?? "", method, query, at: Date.now() };
    requests.push(request);
    const [status, body, headers = {}] = answer(request, requests.length - 1);
    return Promise.resolve({
      data: typeof body === "string" ? body : JSON.stringify(body),
      status,
      statusText: "",
      headers: new AxiosHeaders({ ...headers }),
      config,
    });
  };
  const client = new CdsClient({
    settingNames: SETTING_NAMES,
    endpoint: "https://cds.invalid",
    credentials: CREDENTIALS,
    adapter,
    ...options,
  });
  return { client, requests };
}

/** The time that a request was signed with, less the time of the test. */
export function signedSkewMs({ query, at }: SeenRequest): number {
  return Date.parse(query.get("Timestamp") ?? "") - at;
}
