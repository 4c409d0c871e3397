import type { Agent as HttpAgent } from "node:http";
import { Agent, type AgentOptions } from "node:https";
import type { Socket } from "node:net";

import { HttpsProxyAgent } from "https-proxy-agent";

import { codeOf } from "../disk";
import { proxyFor, type Proxy } from "./proxy";

/**
 * How long the first of several addresses may take to connect: enough for a distant host and one
 * lost packet. Node's 250 ms are less than a round trip across an ocean.
 */
const ADDRESS_TIMEOUT_MS = 3_000;
/** How long a proxy may take to connect. A connection that nobody waits for would keep the process alive. */
const TUNNEL_TIMEOUT_MS = 30_000;
/** The proxy made no connection to the host, so that the host has seen nothing. The texts hold no secret. */
export class ProxyError extends Error {
  /** Of the proxy's answer; undefined where it gave none. */
  readonly status: number | undefined;
  /** What to do about it, where the proxy refuses the login or the host. No further try helps then. */
  readonly remedy: string | undefined;

  /** @param answer The status of the proxy's answer, or why there is none, as a word. */
  constructor(answer: number | string, variable: string) {
    const proxy = `the proxy that ${variable} names`;
    super(
      typeof answer === "string"
        ? `${proxy} gave no answer (${answer})`
        : answer === 407
          ? "the proxy refused its login (407)"
          : `${proxy} made no connection to the host (${answer})`,
    );
    this.status = typeof answer === "string" ? undefined : answer;
    if (answer === 407)
      this.remedy = `Give the login in ${variable}, as http://user:password@host:port, with special characters percent-encoded. The proxy must take Basic logins.`;
    if (answer === 401 || answer === 403)
      this.remedy = "Ask the proxy's operator to allow the host.";
  }
}

/**
 * An agent for requests to an https URL. If it may use a proxy, it uses the one that the environment
 * names for the URL. Throws a {@link CdsConfigError} where that one can't be used.
 */
export function agentFor(url: string, mayUseProxy: boolean, options: AgentOptions): HttpAgent {
  const proxy = mayUseProxy ? proxyFor(new URL(url), process.env) : undefined;
  const all = { ...options, autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS };
  return proxy === undefined ? new Agent(all) : new TunnelAgent(proxy, all);
}

type Connect = HttpsProxyAgent<string>["connect"];

/** Asks a proxy for a tunnel to each host: the proxy learns the host's name and nothing else. */
class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #variable: string;

  constructor({ url, login, variable }: Proxy, options: AgentOptions) {
    const basic = `Basic ${Buffer.from(login).toString("base64")}`;
    // The library writes the URL into its debug log, so the URL has no login.
    super(url, { ...options, headers: login === "" ? {} : { "Proxy-Authorization": basic } });
    // Node's pool of connections reads these options, which the library drops.
    Object.assign(this.options, options);
    this.#variable = variable;
  }

  override async connect(...[request, options]: Parameters<Connect>): Promise<Socket> {
    const timeout = new AbortController();
    const timer = setTimeout(() => {
      timeout.abort();
    }, TUNNEL_TIMEOUT_MS);
    Object.assign(this.connectOpts, { signal: timeout.signal });
    let status = Number.NaN;
    request.once("proxyConnect", (answer: { readonly statusCode: number }) => {
      status = answer.statusCode;
    });
    const socket = await super
      .connect(request, options)
      .catch((error: unknown) => {
        const reason = timeout.signal.aborted ? "timed out" : (codeOf(error) ?? "closed");
        throw new ProxyError(reason, this.#variable);
      })
      .finally(() => {
        clearTimeout(timer);
      });
    if (status === 200) return socket;
    // The library would pass the proxy's answer on as if the host had given it.
    socket.destroy();
    throw new ProxyError(Number.isNaN(status) ? "not HTTP" : status, this.#variable);
  }
}
