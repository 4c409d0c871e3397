import { architectureWord, sameVersion } from "../../sdk/names";
import type { Instance } from "../vendor/instances";
import { defined } from "../core/arguments";
import type { InstanceInputs } from "./inputs";
import type { Spec } from "./spec";
import type { SettledOrders } from "../core/unfinished";
import type { Owner } from "../core/owner";

/** What is kept of the instance: the arguments, and what the vendor tells. */
export interface InstanceState extends Omit<InstanceInputs, "basePipeId">, SettledOrders {
  /** Not told by the vendor, so unknown of an instance that was made elsewhere. */
  readonly basePipeId?: string;
  readonly status?: string;
  readonly ip?: string;
  readonly connectionString?: string;
  readonly createdTime?: string;
  readonly vdcName?: string;
  readonly resourceId?: string;
  /** What was ordered, and how the vendor told it when it was delivered. */
  readonly __delivered?: { readonly ordered: Ordered; readonly told: Told };
  readonly __owner?: Owner;
}

type Ordered = Partial<Told> & Spec;

/**
 * What is kept of the instance. As long as the vendor tells the same as at delivery, the arguments
 * stand as they were ordered, in whatever way the vendor counts; what it tells otherwise is drift.
 */
export function stateOf(inputs: InstanceState, instance: Instance): InstanceState {
  const told = toldOf(instance);
  const delivered = inputs.__delivered ?? { told, ordered: orderedOf(inputs) };
  const drift = driftOf(delivered.told, told);
  const { paasGoodsId, computeRole, ...rest } = { ...told, ...inputs, ...delivered.ordered };
  // No answer tells these two; they hold as long as the rest of the specification does.
  const specDrifted = "version" in drift || "architecture" in drift || "ramGb" in drift;
  return defined({
    ...rest,
    ...(specDrifted ? {} : { paasGoodsId, computeRole }),
    ...drift,
    __delivered: delivered,
    // How the state was come by is no part of it.
    __import: undefined,
    status: instance.status,
    ip: instance.ip,
    connectionString: connectionString(inputs.password, instance),
    createdTime: instance.createdTime,
    vdcName: instance.vdcName,
    resourceId: instance.resourceId,
  });
}

/** The arguments that the vendor tells back. */
export interface Told {
  readonly regionId: string;
  readonly vdcId: string;
  readonly instanceName: string;
  readonly version: string;
  readonly architecture: string;
  readonly ramGb: number;
  readonly port: number;
}

export function toldOf({ regionId, vdcId, instanceName, version, ...instance }: Instance): Told {
  const architecture = architectureWord(instance.subProductName);
  const { ramGb, port } = instance;
  return { regionId, vdcId, instanceName, version, architecture, ramGb, port };
}

/** What is told otherwise now; a patch of the same version is the vendor's own maintenance. */
export function driftOf(before: Partial<Told>, now: Told): Partial<Told> {
  const changed = Object.entries(now).filter(
    ([name, value]) => value !== "" && value !== 0 && value !== before[name as keyof Told],
  );
  const { version, ...drift } = Object.fromEntries(changed) as Partial<Told>;
  return version === undefined || sameVersion(version, before.version ?? "")
    ? drift
    : { ...drift, version };
}

function orderedOf(inputs: InstanceState): Ordered {
  const { regionId, vdcId, instanceName, port } = inputs;
  const { version, architecture, ramGb, paasGoodsId, computeRole } = inputs;
  const spec = { version, architecture, ramGb, paasGoodsId, computeRole };
  return defined({ regionId, vdcId, instanceName, port, ...spec });
}

function connectionString(
  password: string | undefined,
  { ip, port }: Instance,
): string | undefined {
  if (password === undefined || ip === "" || port === 0) return undefined;
  return `redis://:${encodeURIComponent(password)}@${ip}:${port}`;
}
