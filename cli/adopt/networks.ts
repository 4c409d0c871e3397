import { describeVdcs } from "../../provider/vendor/actions/networks";
import { CdsError } from "../../provider/vendor/errors";
import type { Instance, PrivateNetwork, Vdc } from "../../provider/vendor/types";
import { accountLabel, type CliAccount } from "../accounts";
import type { ProgramArgument } from "./program";
import { oneLine, type CliIo } from "../io";
import { networksRemedy } from "../vendor";

/** The data centers of an account; undefined where its key may not read them. */
export async function readVdcs(
  account: CliAccount,
  io: CliIo,
): Promise<readonly Vdc[] | undefined> {
  try {
    return await describeVdcs(account.client);
  } catch (error) {
    // An order needs no right to read networks, so keys may lack it.
    if (!(error instanceof CdsError)) throw error;
    const reason = oneLine(`${error.fact}. ${networksRemedy(error)}`);
    io.err(
      `note: account ${accountLabel(account)}: the networks can't be read, so each basePipeId is left to you: ${reason}\n`,
    );
    return undefined;
  }
}

/**
 * The argument `basePipeId` of an instance, which the vendor does not tell: the only private network of
 * its data center, or the one that has its address. Otherwise a person must choose.
 */
export function basePipeArgument(
  { vdcId, ip }: Instance,
  vdcs: readonly Vdc[] | undefined,
): ProgramArgument {
  const name = "basePipeId";
  const unknown = (fillIn: string): ProgramArgument => ({ name, value: "", fillIn });
  const lookUp = "look the private network up in the console";
  if (vdcs === undefined) return unknown(lookUp);
  const networks = vdcs.find((vdc) => vdc.vdcId === vdcId)?.privateNetworks ?? [];
  if (networks.length === 0) return unknown(`no network of ${vdcId} is known: ${lookUp}`);
  const [found, ...others] = networks.filter((network) => hasAddress(network, ip));
  if (found !== undefined && others.length === 0)
    return { name, value: found.basePipeId, remark: `network ${found.name}, which has ${ip}` };
  const [only, ...more] = networks;
  if (only !== undefined && more.length === 0)
    return { name, value: only.basePipeId, remark: onlyNetwork(only, ip) };
  return unknown(`one of ${networks.map(described).join(", ")}`);
}

function onlyNetwork({ name, segments }: PrivateNetwork, ip: string): string {
  const isElsewhere = ip !== "" && segments.some((segment) => rangeOf(segment) !== undefined);
  return isElsewhere
    ? `network ${name}, the only one of the data center. Check it: it does not have ${ip}`
    : `network ${name}, the only one of the data center`;
}

function described({ basePipeId, name, segments }: PrivateNetwork): string {
  return `${basePipeId} (${[name, ...segments].join(" ")})`;
}

function hasAddress({ segments }: PrivateNetwork, ip: string): boolean {
  const address = numberOf(ip);
  if (address === undefined) return false;
  return segments.some((segment) => {
    const range = rangeOf(segment);
    return range !== undefined && range.first <= address && address <= range.last;
  });
}

/** The addresses of `10.240.59.0/16~10.240.59.255/16`, or of `10.240.0.0/16`. */
function rangeOf(segment: string): { readonly first: number; readonly last: number } | undefined {
  const [from = "", to] = segment.split("~").map((part) => part.trim());
  const [start = "", bits = ""] = from.split("/");
  const first = numberOf(start);
  if (first === undefined) return undefined;
  if (to !== undefined) {
    const last = numberOf(to.split("/")[0] ?? "");
    return last === undefined ? undefined : { first, last };
  }
  if (!/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  const base = first - (first % size);
  return { first: base, last: base + size - 1 };
}

function numberOf(ip: string): number | undefined {
  const parts = ip.split(".").map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
