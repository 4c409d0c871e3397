import { BlockList, isIP, isIPv6 } from "node:net";

import { CdsConfigError } from "./errors";

/** A proxy that the environment names. */
export interface Proxy {
  /** Without the login, which is a secret. */
  readonly url: string;
  /** `user:password` in clear; "" where the variable gives none. */
  readonly login: string;
  readonly variable: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for an https URL; undefined where it names none, or where
 * `NO_PROXY` names the URL's host. Throws a {@link CdsConfigError} for a proxy that can't be used.
 */
export function proxyFor(url: URL, env: Environment): Proxy | undefined {
  const read = (variable: string): string => env[variable]?.trim() ?? "";
  const isGiven = (variable: string): boolean => read(variable) !== "";
  const noProxy = ["no_proxy", "NO_PROXY"].find(isGiven);
  if (noProxy !== undefined && isExcluded(url, read(noProxy))) return undefined;
  const variable = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].find(isGiven);
  return variable === undefined ? undefined : parse(variable, read(variable), url.hostname);
}

/** Returns the proxy in a variable. An error repeats nothing of its text, which may have a login anywhere. */
function parse(variable: string, text: string, host: string): Proxy {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && /^socks[45]?[ah]?$/.test(scheme))
    throw new CdsConfigError(
      `${variable} names a ${scheme}:// proxy, which this package can't use. Set HTTPS_PROXY to an http:// proxy, or add ${host} to NO_PROXY.`,
    );
  const given = scheme === undefined ? `http://${text}` : text;
  const proxy = URL.canParse(given) ? new URL(given) : undefined;
  // A path, a query or a fragment can be the rest of a login that has a `/`, `?` or `#` in it.
  const isBare = proxy?.pathname === "/" && !/[?#]/.test(given);
  if (!isBare || !/^https?:$/.test(proxy.protocol))
    throw new CdsConfigError(
      `${variable} is no URL of an http:// or https:// proxy. Give it as http://user:password@host:port, with special characters of the login percent-encoded.`,
    );
  const { username, password, origin } = proxy;
  const login = username + password === "" ? "" : `${decoded(username)}:${decoded(password)}`;
  return { url: origin, login, variable };
}

/** The text without its percent-encoding. A `%` that encodes nothing stays. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll("%", ""), "hex").toString("utf8"),
  );
}

/**
 * Whether `NO_PROXY` names the host of an https URL. As in curl, a name with or without a dot before
 * it names the host and all hosts below it. An entry may have a port, or be a subnet.
 */
function isExcluded({ hostname, port }: URL, noProxy: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, "");
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const [, name = "", only = port] = isIPv6(entry) ? ["", entry] : splitPort(entry);
      if (name === "" || (only || "443") !== (port || "443")) return false;
      if (name === "*") return true;
      if (isIP(host) !== 0) return includes(name, host);
      const domain = name.replace(/^\*?\.|\.$/g, "");
      return `.${host}`.endsWith(`.${domain}`);
    });
}

function splitPort(entry: string): (string | undefined)[] {
  return /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
}

/** Whether a subnet such as `10.0.0.0/8`, or a single address, has this address. */
function includes(subnet: string, address: string): boolean {
  const [base = "", bits] = subnet.replace(/[[\]]/g, "").split("/");
  const family = isIPv6(base) ? "ipv6" : "ipv4";
  const mostBits = family === "ipv6" ? 128 : 32;
  const prefix = Number(bits ?? mostBits);
  if (isIP(base) === 0 || !(prefix >= 0 && prefix <= mostBits)) return false;
  const list = new BlockList();
  list.addSubnet(base, prefix, family);
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
