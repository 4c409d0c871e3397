import type { Owner } from "../core/account";
import { defined, isOtherwise, orderOf, withDigests, DIGEST, type Values } from "../core/arguments";
import type { SettledOrders } from "../core/recovery";
import { INSTANCE_ARGUMENTS, type InstanceInputs, type VendorFacts } from "./arguments";
import type { Instance } from "../vendor/types";

/** What the stack keeps of an instance: the arguments, and what the vendor tells. */
export type InstanceState = Omit<InstanceInputs, "basePipeId"> &
  SettledOrders & {
    /** The vendor does not tell it, so it is unknown of an instance that was made elsewhere. */
    readonly basePipeId?: string;
    readonly status?: string;
    readonly ip?: string;
    readonly connectionString?: string;
    readonly createdTime?: string;
    readonly vdcName?: string;
    readonly resourceId?: string;
    /** What was ordered, and how the vendor told it at delivery. */
    readonly __delivered?: { readonly ordered: Values; readonly told: Values };
    /** The account that showed it last. */
    readonly __owner?: Owner;
  };

const TOLD = Object.entries(INSTANCE_ARGUMENTS)
  .filter(([, argument]) => "isTold" in argument)
  .map(([name]) => name as keyof VendorFacts);

/** The arguments as the vendor tells them. */
export function vendorFacts(instance: Instance): VendorFacts {
  return Object.fromEntries(TOLD.map((name) => [name, instance[name]])) as unknown as VendorFacts;
}

/**
 * The state after a list showed the instance. While the vendor tells the same as at delivery, the
 * arguments stay as they were ordered, in whatever way the vendor counts. What it tells otherwise
 * later is drift.
 */
export function stateOf(inputs: InstanceState, instance: Instance): InstanceState {
  const told = vendorFacts(instance);
  const before = inputs.__delivered ?? { told, ordered: orderedFacts(inputs) };
  // States of release 0.1.0 hold values in clear.
  const delivered = {
    told: digested(completed(before.told, told)),
    ordered: digested(before.ordered),
  };
  const drift = driftOf(delivered.told, told);
  const restored = restoredFacts(delivered.ordered, inputs, told);
  const { paasGoodsId, computeRole, ...rest } = { ...told, ...inputs, ...restored };
  // The vendor tells neither; they hold as long as the rest of the specification does.
  const hasSpecDrifted = "version" in drift || "architecture" in drift || "ramGb" in drift;
  return defined({
    ...rest,
    ...(hasSpecDrifted ? {} : { paasGoodsId, computeRole }),
    ...drift,
    __delivered: delivered,
    status: instance.status,
    ip: instance.ip,
    connectionString: connectionString(inputs.password, instance),
    createdTime: instance.createdTime,
    vdcName: instance.vdcName,
    resourceId: instance.resourceId,
  });
}

/** What the first list left out counts as told at delivery, once a list tells it. */
function completed(before: Values, now: VendorFacts): Values {
  const untold = TOLD.filter((name) => before[name] === "" || before[name] === 0);
  return { ...before, ...Object.fromEntries(untold.map((name) => [name, now[name]])) };
}

const digested = (values: Values): Values => withDigests(INSTANCE_ARGUMENTS, values);

function driftOf(before: Values, now: VendorFacts): Partial<VendorFacts> {
  const compared = digested(now);
  const drifted = TOLD.filter((name) => isOtherwise(name, before[name], compared[name]));
  return Object.fromEntries(drifted.map((name) => [name, now[name]]));
}

/** What was ordered. Of a private value only the digest is known: the state has it, or the vendor tells it. */
function restoredFacts(ordered: Values, inputs: Values, told: Values): Values {
  const live = digested(told);
  return Object.fromEntries(
    Object.entries(ordered).map(([name, value]) => {
      const isDigest = typeof value === "string" && value.startsWith(DIGEST);
      if (!isDigest) return [name, value] as const;
      return [name, live[name] === value ? told[name] : inputs[name]] as const;
    }),
  );
}

/** The part of the order that a state restores while nothing drifted. */
function orderedFacts(inputs: InstanceState): Values {
  const { paasGoodsId, computeRole } = inputs;
  const told = Object.fromEntries(TOLD.map((name) => [name, inputs[name]]));
  return defined({ ...told, paasGoodsId, computeRole });
}

/** Whether the state has another value than was ordered, since the vendor tells another one than at delivery. */
export function hasDrifted(state: InstanceState, name: keyof InstanceState): boolean {
  const ordered = state.__delivered?.ordered[name];
  return ordered !== undefined && isOtherwise(name, ordered, state[name]);
}

/** What the vendor delivered otherwise than ordered, such as `ramGb 4 instead of 8`; "" where it did not. */
export function misdelivery({ __delivered: delivered }: InstanceState): string {
  if (delivered === undefined) return "";
  const { ordered, told } = delivered;
  return (["version", "ramGb", "port"] as const)
    .filter((name) => ordered[name] !== undefined && told[name] !== undefined)
    .filter((name) => isOtherwise(name, ordered[name], told[name]))
    .map((name) => `${name} ${String(told[name])} instead of ${String(ordered[name])}`)
    .join(", ");
}

/** What the note of an order holds. */
export function orderNote(inputs: InstanceInputs): Record<string, unknown> {
  const { instanceName, __defaults } = inputs;
  return defined({
    instanceName,
    __defaults,
    ...orderOf(INSTANCE_ARGUMENTS, inputs),
  });
}

function connectionString(
  password: string | undefined,
  { ip, port }: Instance,
): string | undefined {
  if (password === undefined || ip === "" || port === 0) return undefined;
  return `redis://:${encodeURIComponent(password)}@${ip}:${port}`;
}

/** The name and id of an instance, for messages. */
export function nameAndId({
  instanceName,
  instanceId,
}: {
  readonly instanceName: string;
  readonly instanceId: string;
}): string {
  return `${instanceName} (${instanceId})`;
}
