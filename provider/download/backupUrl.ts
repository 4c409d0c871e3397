import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, isIPv6 } from "node:net";

import { downloadBackup } from "../vendor/backups";
import { isLoopback, type CdsClient } from "../vendor/client";
import { BackupDownloadError } from "./errors";

/** Where an address leads: into the internet, a private network, this machine, or to no server for files. */
export type AddressKind = "public" | "private" | "loopback" | "special";

const SUBNETS: Readonly<Record<Exclude<AddressKind, "public">, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  private: ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
  special: [
    // This network; link-local, where clouds keep the credentials of a machine; multicast, reserved.
    ...["0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "198.18.0.0/15", "224.0.0.0/3"],
    ...["fe80::/10", "fec0::/10", "ff00::/8"],
    // Obsolete spellings of IPv4 addresses, and ways to them.
    ...["::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "2001::/32"],
  ],
};

const LISTS = (["loopback", "private", "special"] as const).map(
  (kind) => [kind, listOf(SUBNETS[kind])] as const,
);

function listOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = "", text = ""] = subnet.split("/");
    const bits = Number(text);
    list.addSubnet(address, bits, isIPv6(address) ? "ipv6" : "ipv4");
    if (isIPv6(address)) continue;
    // The same addresses as IPv6 has them: mapped, behind NAT64, and 6to4.
    const [a, b, c, d] = address.split(".").map(Number) as [number, number, number, number];
    const halves = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    for (const prefix of ["::ffff:", "64:ff9b::"])
      list.addSubnet(`${prefix}${halves}`, 96 + bits, "ipv6");
    list.addSubnet(`2002:${halves}::`, 16 + bits, "ipv6");
  }
  return list;
}

/** @param address - an IP address, without brackets. */
export function addressKind(address: string): AddressKind {
  const plain = address.replace(/%.*$/, "");
  const family = isIPv6(plain) ? "ipv6" : "ipv4";
  return LISTS.find(([, list]) => list.check(plain, family))?.[0] ?? "public";
}

/** Whom to ask for a URL. */
export interface BackupSource {
  readonly client: CdsClient;
  readonly instanceId: string;
  /** Takes the URL in the vendor's network. Default: the public one. */
  readonly intranet?: boolean;
}

/** What decides which URLs of the vendor are used. */
export interface UrlRules {
  /** Base URL of the vendor's API. */
  readonly endpoint: string;
  /** Whether the URL in the vendor's network was asked for. */
  readonly isIntranet: boolean;
}

type LookupDone = (error: Error | null, addresses: { address: string; family: 4 | 6 }[]) => void;
type Lookup = (hostname: string, options: object, done: LookupDone) => void;

/** Where to fetch a backup's file from. A secret: whoever has the URL has the data. */
export interface BackupTarget {
  readonly url: string;
  /** Whether a proxy named in the environment may be used; it then decides which addresses it reaches. */
  readonly mayUseProxy: boolean;
  /** Gives only addresses that may be connected to. */
  readonly lookup: Lookup;
}

/**
 * Asks the vendor for a URL of one backup entry, and gives its target.
 *
 * @throws BackupDownloadError, or CdsError when the vendor gives no URL.
 */
export async function askBackupTarget(
  { client, instanceId, intranet: isIntranet = false }: BackupSource,
  backupId: string,
): Promise<BackupTarget> {
  const answer = await downloadBackup(client, instanceId, backupId);
  if (answer.backupId !== backupId)
    throw new BackupDownloadError(`the vendor answers about another backup than ${backupId}.`);
  const url = isIntranet ? answer.intranetDownloadUrl : answer.downloadUrl;
  return backupTarget(url, { endpoint: client.endpoint, isIntranet });
}

/**
 * The target behind a URL that a server gave, if the URL keeps the rules: https to public addresses.
 * The intranet URL may lead to private addresses, and with an API on this machine any URL may lead to
 * loopback, both also by http.
 *
 * @throws BackupDownloadError
 */
export function backupTarget(text: string, rules: UrlRules): BackupTarget {
  const { isIntranet } = rules;
  const which = isIntranet ? "intranet download URL" : "download URL";
  const refuse = (why: string): BackupDownloadError =>
    new BackupDownloadError(`the vendor's ${which} is not used: ${why}.`);
  if (text === "")
    throw new BackupDownloadError(
      `the vendor gives no ${which} for it. Try again later, or ${isIntranet ? "without" : "with"} the intranet URL.`,
    );
  if (!URL.canParse(text)) throw refuse("it is no URL");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") throw refuse("it holds a user or password");
  const isPlain = url.protocol === "http:";
  if (!isPlain && url.protocol !== "https:") throw refuse("it is not https");
  const accepted = acceptedKinds(rules, isPlain);
  if (accepted.size === 0) throw refuse("it is http, which anybody on the way can read and change");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !accepted.has(addressKind(host)))
    throw refuse(refusal(addressKind(host), isPlain));
  return {
    url: url.href,
    mayUseProxy: !isPlain && !isIntranet && !isLoopback(url.hostname),
    lookup: lookupAmong(accepted, (kind) => refuse(refusal(kind, isPlain))),
  };
}

/** A look-up whose answers are accepted addresses, so that no other address is connected to. */
function lookupAmong(accepted: Set<AddressKind>, refused: (kind: AddressKind) => Error): Lookup {
  return (hostname, options, done) => {
    systemLookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = error === null ? found : [];
      const usable = addresses.filter(({ address }) => accepted.has(addressKind(address)));
      const [first] = addresses;
      const kind = first === undefined ? "special" : addressKind(first.address);
      done(
        error ?? (usable.length === 0 ? refused(kind) : null),
        usable.map(({ address }) => ({ address, family: isIPv6(address) ? 6 : 4 })),
      );
    });
  };
}

function acceptedKinds({ endpoint, isIntranet }: UrlRules, isPlain: boolean): Set<AddressKind> {
  const isEmulated = isLoopback(new URL(endpoint).hostname);
  return new Set<AddressKind>([
    ...(isPlain ? [] : (["public"] as const)),
    ...(isIntranet ? (["private"] as const) : []),
    ...(isEmulated ? (["loopback"] as const) : []),
  ]);
}

function refusal(kind: AddressKind, isPlain: boolean): string {
  if (kind === "public" && isPlain) return "it is http to a public address";
  if (kind === "private") return "it leads to a private address, which only the intranet URL may";
  return kind === "loopback" ? "it leads to this machine" : "it leads to an address of no server";
}
