import { lookup as systemLookup } from "node:dns";
import { isIP, isIPv6 } from "node:net";

import { isLoopback } from "../vendor/client";
import { addressKind, type AddressKind } from "./addressKind";
import { BackupDownloadError } from "./downloadErrors";

/** What decides which URLs of the vendor are used. */
export interface UrlRules {
  /** Base URL of the vendor's API. */
  readonly endpoint: string;
  /** Whether the URL in the vendor's network was asked for. */
  readonly isIntranet: boolean;
}

type LookupDone = (error: Error | null, addresses: { address: string; family: 4 | 6 }[]) => void;

/** Where a backup's file is to be fetched from. A secret: whoever has the URL has the data. */
export interface BackupTarget {
  readonly url: string;
  /** Whether a proxy named in the environment may be used; it then decides which addresses it reaches. */
  readonly mayUseProxy: boolean;
  /** Gives only addresses that may be connected to. */
  readonly lookup: (hostname: string, options: object, done: LookupDone) => void;
}

/** The name leads to an address that is not connected to. */
export class AddressRefusedError extends Error {
  readonly code = "ADDRESS_REFUSED";
}

/**
 * Holds a URL that came from a server against the rules: https to public addresses; private ones
 * when the intranet URL was asked for, loopback when the API itself is there, both also by http.
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
    lookup: (hostname, options, done) => {
      systemLookup(hostname, { ...options, all: true }, (error, found) => {
        if (error !== null) {
          done(error, []);
          return;
        }
        const usable = found.filter(({ address }) => accepted.has(addressKind(address)));
        const kind = found[0] === undefined ? "special" : addressKind(found[0].address);
        if (usable.length > 0)
          done(
            null,
            usable.map(({ address }) => ({ address, family: isIPv6(address) ? 6 : 4 })),
          );
        else
          done(
            new AddressRefusedError(
              `the vendor's ${which} is not used: ${refusal(kind, isPlain)}.`,
            ),
            [],
          );
      });
    },
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
