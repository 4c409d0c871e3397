import type * as pulumi from "@pulumi/pulumi";

import type { Offer } from "../sdk/offers";
import { accountOf, asking, changesSoFar, outputOf, type Inputs, regionOf } from "./ask";
import type { Region } from "./vendor/catalog";
import type { Instance } from "./vendor/instances";

export interface GetRegionsArgs {
  /** Name of the account whose configuration `cds-<name>:` is used. Default: that of `cds:`. */
  account?: string | undefined;
  /** Only the regions where instances can be ordered now. Default: false, all regions. */
  forSaleOnly?: boolean | undefined;
}

/**
 * The vendor's regions (DescribeRegins), without those that have no RegionId and so can't be
 * ordered in. Asked once for each account in a run.
 */
export async function getRegions(args: GetRegionsArgs = {}): Promise<Region[]> {
  return asking("getRegions", args, { account: "text", forSaleOnly: "flag" }, async () => {
    const regions = await (await accountOf(args.account)).regions();
    return regions.filter(
      (region) => region.regionId !== "" && (region.forSale || args.forSaleOnly !== true),
    );
  });
}

/** {@link getRegions} for outputs. */
export function getRegionsOutput(args: Inputs<GetRegionsArgs> = {}): pulumi.Output<Region[]> {
  return outputOf(getRegions, args);
}

export interface GetAvailableDbConfigArgs {
  /** The region. Default: `cds:regionId`, else the environment variable `CDS_REGION`. */
  regionId?: string | undefined;
  /** Name of the account whose configuration `cds-<name>:` is used. Default: that of `cds:`. */
  account?: string | undefined;
}

export interface GetAvailableDbConfigResult {
  readonly regionId: string;
  /** What can be ordered, by version, architecture, compute role and size; empty where nothing is for sale. */
  readonly offers: readonly Offer[];
}

/** What a region sells (DescribeAvailableDBConfig). Asked once for each region in a run. */
export async function getAvailableDbConfig(
  args: GetAvailableDbConfigArgs = {},
): Promise<GetAvailableDbConfigResult> {
  return asking("getAvailableDbConfig", args, { regionId: "text", account: "text" }, async () => {
    const regionId = await regionOf(args.regionId, args.account);
    return { regionId, offers: await (await accountOf(args.account)).offers(regionId) };
  });
}

/** {@link getAvailableDbConfig} for outputs. */
export function getAvailableDbConfigOutput(
  args: Inputs<GetAvailableDbConfigArgs> = {},
): pulumi.Output<GetAvailableDbConfigResult> {
  return outputOf(getAvailableDbConfig, args);
}

export interface GetInstancesArgs {
  /** The vendor's InstanceUuid. */
  instanceId?: string | undefined;
  /** Name at the vendor. */
  instanceName?: string | undefined;
  /** Address in the private network. */
  ip?: string | undefined;
  /** Name of a tag. */
  tagName?: string | undefined;
  /** Region; not a filter of the vendor's, so it is always matched exactly. */
  regionId?: string | undefined;
  /**
   * `exact` gives the instances that have just these values. `vendor` gives what the vendor takes
   * for a match, such as every address that begins alike. Default: `exact`.
   */
  match?: "exact" | "vendor" | undefined;
  /** Name of the account whose configuration `cds-<name>:` is used. Default: that of `cds:`. */
  account?: string | undefined;
}

const FILTERS = {
  instanceId: "text",
  instanceName: "text",
  ip: "text",
  tagName: "text",
  regionId: "text",
  match: ["exact", "vendor"],
  account: "text",
} as const;

/**
 * The instances of the account in all regions (DescribeDBInstances), those of a filter or all of
 * them. Asked once for the same filters in a run, and anew after a
 * resource of this package became ready.
 */
export async function getInstances(args: GetInstancesArgs = {}): Promise<Instance[]> {
  return asking("getInstances", args, FILTERS, () => matchingInstances(args));
}

/** {@link getInstances} for outputs. */
export function getInstancesOutput(args: Inputs<GetInstancesArgs> = {}): pulumi.Output<Instance[]> {
  return outputOf(getInstances, args);
}

/** The one instance with these values; none or several of them is an error that names what there is. */
export async function getInstance(args: GetInstancesArgs): Promise<Instance> {
  return asking("getInstance", args, FILTERS, async () => {
    const [instance, ...others] = await matchingInstances(args);
    if (instance !== undefined && others.length === 0) return instance;
    const { account, match, ...filters } = args;
    const wanted = JSON.stringify(filters);
    if (instance !== undefined)
      throw new Error(
        `${others.length + 1} instances match ${wanted}: ${named([instance, ...others])}. Say instanceId.`,
      );
    const all = await matchingInstances({ account, match });
    throw new Error(`no instance matches ${wanted}; there are ${named(all)}.`);
  });
}

/** {@link getInstance} for outputs. */
export function getInstanceOutput(args: Inputs<GetInstancesArgs>): pulumi.Output<Instance> {
  return outputOf(getInstance, args);
}

async function matchingInstances(args: GetInstancesArgs): Promise<Instance[]> {
  const { account: accountName, match = "exact", regionId, ...filter } = args;
  const account = await accountOf(accountName);
  const found = await account.instancesLike(filter, changesSoFar());
  return found.filter(
    (instance) =>
      (regionId === undefined || instance.regionId === regionId) &&
      (match === "vendor" ||
        ((filter.instanceId === undefined || instance.instanceId === filter.instanceId) &&
          (filter.instanceName === undefined || instance.instanceName === filter.instanceName) &&
          (filter.ip === undefined || instance.ip === filter.ip) &&
          (filter.tagName === undefined || instance.tagNames.includes(filter.tagName)))),
  );
}

const NAMED = 6;

function named(instances: readonly Instance[]): string {
  const shown = instances
    .slice(0, NAMED)
    .map(({ instanceId, instanceName }) => `${instanceName} (${instanceId})`);
  const more = instances.length > NAMED ? ` and ${instances.length - NAMED} more` : "";
  return instances.length === 0 ? "none" : `${shown.join(", ")}${more}`;
}
