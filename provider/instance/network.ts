import type { Account } from "../core/account";
import { isUnknown } from "../core/engineValues";
import { WaitTimeoutError } from "../core/errors";
import { withinLimit, type Operation } from "../core/operation";
import { now } from "../time";
import { namesText } from "../vendor/displayText";
import { CdsConfigError, CdsError } from "../vendor/errors";
import type { PrivateNetwork, Vdc } from "../vendor/types";
import type { InstanceInputs } from "./arguments";

/** An order does not wait longer for an answer that only makes its errors come earlier. */
const PATIENCE_MS = 20_000;

type Located = Partial<Pick<InstanceInputs, "regionId" | "vdcId" | "basePipeId" | "instanceName">>;

/**
 * Throws a {@link CdsConfigError} that lists the choices where the account has no such data center or
 * network, or the network has no free address. What was ordered before and is asked for unchanged is
 * not looked at, and nothing is refused where the vendor tells no data centers.
 */
export async function requireNetwork(
  operation: Operation,
  olds: Located,
  news: Located,
): Promise<void> {
  const names = ["regionId", "vdcId", "basePipeId"] as const;
  if (names.some((name) => isUnknown(news[name]))) return;
  if (names.every((name) => olds[name] === news[name])) return;
  const vdcs = await knownVdcs(operation);
  if (vdcs.length > 0) checkNetwork(operation, vdcs, news);
}

function checkNetwork(operation: Operation, vdcs: readonly Vdc[], news: Located): void {
  const { regionId = "", vdcId, basePipeId, instanceName } = news;
  const there = vdcs.filter((one) => one.regionId === regionId);
  const choices = `data centers of the account in ${regionId}: ${namesText(there.map(describeVdc))}`;
  const vdc = vdcs.find((one) => one.vdcId === vdcId);
  if (vdc === undefined)
    throw new CdsConfigError(`vdcId names no data center of the account; ${choices}.`);
  if (vdc.regionId !== regionId)
    throw new CdsConfigError(
      `vdcId names the data center ${vdc.vdcName}, which is in ${vdc.regionId}; ${choices}.`,
    );
  const networks = vdc.privateNetworks;
  const network = networks.find((one) => one.basePipeId === basePipeId);
  const usable = networks.filter(({ freeAddresses }) => freeAddresses !== 0);
  const others = `private networks of ${vdc.vdcName} with a free address: ${namesText(usable.map(describeNetwork))}`;
  if (network === undefined)
    throw new CdsConfigError(`basePipeId names no network of the data center; ${others}.`);
  if (network.freeAddresses !== 0) return;
  const fact = `basePipeId names the network ${network.name}, which has no free address; ${others}.`;
  if (instanceName === undefined || isUnknown(instanceName)) throw new CdsConfigError(fact);
  // A replacement that keeps its name deletes the old instance first, which frees an address.
  operation.warn(fact);
}

const answers = new WeakMap<Account, Promise<readonly Vdc[]>>();

/** Every data center, asked once in a process; none, with one warning, where the vendor gives no answer. */
function knownVdcs(operation: Operation): Promise<readonly Vdc[]> {
  const { account, signal } = operation;
  const limit = { deadline: now() + PATIENCE_MS, signal };
  const late = (): Error => new WaitTimeoutError(`no answer in ${PATIENCE_MS / 1000} s`);
  const answer =
    answers.get(account) ??
    withinLimit(limit, account.vdcs(), late).catch((error: unknown): readonly Vdc[] => {
      if (!(error instanceof CdsError || error instanceof WaitTimeoutError)) throw error;
      const fact = error instanceof CdsError ? error.fact : error.message;
      operation.warn(
        `vdcId and basePipeId are not checked, since the vendor's network API gives no answer: ${fact}. The key may lack the permission to read networks; the order itself does not need it.`,
      );
      return [];
    });
  answers.set(account, answer);
  return answer;
}

function describeVdc({ vdcId, vdcName }: Vdc): string {
  return `${vdcId} (${vdcName})`;
}

function describeNetwork({ basePipeId, name, freeAddresses }: PrivateNetwork): string {
  const free = freeAddresses === undefined ? "" : `, ${freeAddresses} addresses free`;
  return `${basePipeId} (${name}${free})`;
}
