import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { BlockList, isIP, isIPv6 } from "node:net";

import { isLoopback } from "../vendor/client";
import { BackupDownloadError } from "../vendor/errors";

/** Where an address leads: into the internet, a private network, this machine, or to a reserved address. */
export type AddressKind = "public" | "private" | "loopback" | "special";

const REFUSALS: Readonly<Record<AddressKind, string>> = {
  public: "it is http to a public address",
  private: "it leads to a private address, which only the intranet URL may",
  loopback: "it leads to this machine",
  special: "it leads to a reserved address, where no backup can be",
};

/** The subnets that are not public. The first that has an address tells its kind. */
const SUBNETS: readonly (readonly [AddressKind, BlockList])[] = [
  ["loopback", listOf("127.0.0.0/8 ::1/128")],
  ["private", listOf("10.0.0.0/8 100.64.0.0/10 172.16.0.0/12 192.168.0.0/16 fc00::/7")],
  // This network; link-local, where clouds keep the credentials of a machine; multicast, reserved.
  ["special", listOf("0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 198.18.0.0/15 224.0.0.0/3")],
  ["special", listOf("fe80::/10 fec0::/10 ff00::/8")],
  // Obsolete spellings of IPv4 addresses, and tunnels to them.
  ["special", listOf("::/96 ::ffff:0:0:0/96 64:ff9b:1::/48 2001::/32 2002::/16")],
];

function listOf(subnets: string): BlockList {
  const list = new BlockList();
  for (const subnet of subnets.split(" ")) {
    const [address = "", bits = ""] = subnet.split("/");
    list.addSubnet(address, Number(bits), isIPv6(address) ? "ipv6" : "ipv4");
    // The same IPv4 addresses behind NAT64. The list itself knows those mapped to IPv6.
    if (!isIPv6(address)) list.addSubnet(`64:ff9b::${address}`, 96 + Number(bits), "ipv6");
  }
  return list;
}

/** Takes an IP address without brackets. */
export function addressKind(address: string): AddressKind {
  const plain = address.replace(/%.*$/, "");
  const family = isIPv6(plain) ? "ipv6" : "ipv4";
  return SUBNETS.find(([, list]) => list.check(plain, family))?.[0] ?? "public";
}

/** Where to fetch a backup's file from. A secret: whoever has the URL has the data. */
export interface BackupTarget {
  readonly url: string;
  /** Whether a proxy named in the environment may be used; it then decides which addresses it reaches. */
  readonly mayUseProxy: boolean;
  /** Gives only addresses that may be connected to, in the form that axios takes. */
  readonly lookup: (name: string, options: object) => Promise<[LookupAddress[]]>;
}

/**
 * The target behind a URL that a server gave, if the URL keeps the rules: https to public addresses.
 * The intranet URL may lead to private addresses, and with an API on this machine any URL may lead to
 * loopback, both also by http.
 *
 * @throws BackupDownloadError
 */
export function backupTarget(
  text: string,
  { endpoint, isIntranet }: { readonly endpoint: string; readonly isIntranet: boolean },
): BackupTarget {
  const which = isIntranet ? "intranet download URL" : "download URL";
  const refused = (why: string): BackupDownloadError =>
    new BackupDownloadError(`the vendor's ${which} is not used: ${why}.`);
  if (text === "")
    throw new BackupDownloadError(
      `the vendor gives no ${which} for it. Try again later, or ${isIntranet ? "without" : "with"} the intranet URL.`,
    );
  if (!URL.canParse(text)) throw refused("it is no URL");
  const url = new URL(text);
  const isHttp = url.protocol === "http:";
  if (url.username !== "" || url.password !== "") throw refused("it holds a user or password");
  if (!isHttp && url.protocol !== "https:") throw refused("it is not https");
  const accepted = new Set<AddressKind>(isHttp ? [] : ["public"]);
  if (isIntranet) accepted.add("private");
  if (isLoopback(new URL(endpoint).hostname)) accepted.add("loopback");
  if (accepted.size === 0)
    throw refused("it is http, which anybody on the way can read and change");
  const usable = (found: readonly LookupAddress[]): LookupAddress[] => {
    const some = found.filter(({ address }) => accepted.has(addressKind(address)));
    if (some.length > 0) return some;
    throw refused(REFUSALS[addressKind(found[0]?.address ?? "::")]);
  };
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  if (family !== 0) usable([{ address: host, family }]);
  return {
    url: url.href,
    mayUseProxy: !isHttp && !isIntranet && !isLoopback(url.hostname),
    // A name is judged by the addresses that are connected to, so that another look-up changes nothing.
    lookup: async (name, options) => [usable(await lookup(name, { ...options, all: true }))],
  };
}
