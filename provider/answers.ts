/** The answers of the data functions, whoever asks: programs by `functions.ts`, the engine by the plugin. */
import { checkKinds, type AccountArgs, type ArgumentKinds } from "./argumentKinds";
import { backupsOf, summaryOf, withoutMark } from "./backup/entries";
import type { Account } from "./core/account";
import type { Accounts } from "./core/context";
import { saysFinished } from "./core/status";
import type {
  Backup,
  DownloadLinks,
  Functions,
  GetAvailableDbConfigArgs,
  GetAvailableDbConfigResult,
  GetBackupArgs,
  GetBackupDownloadArgs,
  GetBackupsArgs,
  GetInstancesArgs,
  GetPrivateNetworksArgs,
  GetRegionsArgs,
  GetVdcsArgs,
} from "./functionTypes";
import { namesText } from "./vendor/displayText";
import type { Instance, PrivateNetwork, Region, Vdc } from "./vendor/types";

/** Whom a function asks. */
interface Asked {
  readonly account: Account;
  readonly accounts: Accounts;
}

async function listRegions({ account }: Asked, { forSaleOnly }: GetRegionsArgs): Promise<Region[]> {
  return (await account.regions()).filter(
    ({ regionId, forSale }) => regionId !== "" && (forSale || forSaleOnly !== true),
  );
}

async function listOffers(
  { account, accounts }: Asked,
  args: GetAvailableDbConfigArgs,
): Promise<GetAvailableDbConfigResult> {
  const settings = accounts.settings(args.account);
  const regionId = args.regionId ?? settings.read("regionId");
  if (regionId !== undefined) return { regionId, offers: await account.offers(regionId) };
  throw new Error(`regionId is missing: give it, or set ${settings.namesOf("regionId")}.`);
}

const VDC_FILTERS = { regionId: "text", vdcName: "text" } as const;

async function matchingVdcs({ account }: Asked, args: GetVdcsArgs): Promise<Vdc[]> {
  const { regionId, vdcName } = args;
  return (await account.vdcs()).filter(
    (one) => agrees(regionId, one.regionId) && agrees(vdcName, one.vdcName),
  );
}

async function matchingVdc(asked: Asked, args: GetVdcsArgs): Promise<Vdc> {
  return theOne(await matchingVdcs(asked, args), args, {
    what: "data center",
    nameOf: ({ vdcName, vdcId, regionId }) => `${vdcName} (${vdcId}, ${regionId})`,
    all: () => asked.account.vdcs(),
    hint: "Give regionId and vdcName.",
  });
}

async function matchingNetworks(
  asked: Asked,
  { name, ...args }: GetPrivateNetworksArgs,
): Promise<PrivateNetwork[]> {
  const vdcs = await matchingVdcs(asked, args);
  return vdcs.flatMap((vdc) => vdc.privateNetworks).filter((one) => agrees(name, one.name));
}

async function matchingNetwork(
  asked: Asked,
  args: GetPrivateNetworksArgs,
): Promise<PrivateNetwork> {
  return theOne(await matchingNetworks(asked, args), args, {
    what: "private network",
    nameOf: ({ name, vdcName, regionId }) => `${name} in ${vdcName} (${regionId})`,
    all: () => matchingNetworks(asked, {}),
    hint: "Give regionId, vdcName and name.",
  });
}

/** How an error names what there is to choose from. */
interface Choices<T> {
  readonly what: string;
  readonly nameOf: (one: T) => string;
  readonly all: () => Promise<readonly T[]>;
  readonly hint: string;
}

/** The only one that was found. Throws an error that names those to choose from. */
async function theOne<T>(
  found: readonly T[],
  args: AccountArgs,
  { what, nameOf, all, hint }: Choices<T>,
): Promise<T> {
  const [one, other] = found;
  if (one !== undefined && other === undefined) return one;
  const wanted = JSON.stringify({ ...args, account: undefined, match: undefined });
  if (one !== undefined)
    throw new Error(
      `${found.length} ${what}s match ${wanted}: ${namesText(found.map(nameOf))}. ${hint}`,
    );
  const plural = `${what.charAt(0).toUpperCase()}${what.slice(1)}s`;
  const existing = namesText((await all()).map(nameOf));
  throw new Error(`no ${what} matches ${wanted}. ${plural} of the account: ${existing}.`);
}

const INSTANCE_FILTERS = {
  instanceId: "text",
  instanceName: "text",
  ip: "text",
  tagName: "text",
  regionId: "text",
  match: ["exact", "vendor"],
} as const;

async function matchingInstances({ account }: Asked, args: GetInstancesArgs): Promise<Instance[]> {
  const { instanceId, instanceName, ip, tagName, regionId, match = "exact" } = args;
  const found = await account.instancesLike({ instanceId, instanceName, ip, tagName });
  const agreesExactly = (one: Instance): boolean =>
    agrees(instanceId, one.instanceId) &&
    agrees(instanceName, one.instanceName) &&
    agrees(ip, one.ip) &&
    agrees(tagName, ...one.tagNames);
  return found.filter(
    (one) => agrees(regionId, one.regionId) && (match === "vendor" || agreesExactly(one)),
  );
}

async function matchingInstance(asked: Asked, args: GetInstancesArgs): Promise<Instance> {
  return theOne(await matchingInstances(asked, args), args, {
    what: "instance",
    nameOf: ({ instanceName, instanceId }) => `${instanceName} (${instanceId})`,
    all: () => asked.account.instancesLike({}),
    hint: "Give instanceId.",
  });
}

function agrees(given: string | undefined, ...told: readonly string[]): boolean {
  return given === undefined || told.includes(given);
}

const INSTANCE = { instanceId: "required text" } as const;

async function listBackups({ account }: Asked, { instanceId }: GetBackupsArgs): Promise<Backup[]> {
  const entries = await account.backupEntries(instanceId);
  return backupsOf(entries).map((group) => ({
    instanceId,
    ...summaryOf(group),
    mode: group[0]?.mode ?? "",
    description: withoutMark(group[0]?.description ?? ""),
  }));
}

async function matchingBackup(asked: Asked, args: GetBackupArgs): Promise<Backup> {
  const { instanceId, backupId, mostRecent = false } = args;
  const all = await listBackups(asked, args);
  const most = Math.max(0, ...all.map(({ entries }) => entries.length));
  const matching = all.filter(
    ({ entries, status }) =>
      (backupId === undefined || entries.some((entry) => entry.backupId === backupId)) &&
      (!mostRecent || (saysFinished(status) && entries.length === most)),
  );
  const last = matching.at(-1);
  if (last !== undefined && (mostRecent || matching.length === 1)) return last;
  const wanted = `${mostRecent ? "finished " : ""}backup${backupId === undefined ? "" : ` with the entry ${backupId}`}`;
  const problem =
    last === undefined
      ? `has no ${wanted}`
      : `has ${matching.length} backups. Give backupId or mostRecent`;
  const existing = all.map(describeBackup).join("; ") || "none";
  throw new Error(`${instanceId} ${problem}. Backups of the instance: ${existing}.`);
}

function describeBackup({ entries, status, startTime }: Backup): string {
  const ids = entries.map((entry) => entry.backupId).join(" + ");
  return `${ids} (${status ?? ""}, ${startTime ?? ""})`;
}

async function downloadLinks(
  { account }: Asked,
  { instanceId, backupId }: GetBackupDownloadArgs,
): Promise<DownloadLinks> {
  const { shardId, sizeBytes, downloadUrl, intranetDownloadUrl } = await account.downloadLinks(
    instanceId,
    backupId,
  );
  return { instanceId, backupId, shardId, sizeBytes, downloadUrl, intranetDownloadUrl };
}

/** Every data function: what answers it, and the kinds of its arguments. */
const ANSWERS: {
  readonly [Name in keyof Functions]: readonly [
    answer: (asked: Asked, args: Functions[Name][0]) => Promise<Functions[Name][1]>,
    kinds: ArgumentKinds<Functions[Name][0]>,
  ];
} = {
  getRegions: [listRegions, { forSaleOnly: [true, false] }],
  getAvailableDbConfig: [listOffers, { regionId: "text" }],
  getVdcs: [matchingVdcs, VDC_FILTERS],
  getVdc: [matchingVdc, VDC_FILTERS],
  getPrivateNetworks: [matchingNetworks, { ...VDC_FILTERS, name: "text" }],
  getPrivateNetwork: [matchingNetwork, { ...VDC_FILTERS, name: "text" }],
  getInstances: [matchingInstances, INSTANCE_FILTERS],
  getInstance: [matchingInstance, INSTANCE_FILTERS],
  getBackups: [listBackups, INSTANCE],
  getBackup: [matchingBackup, { ...INSTANCE, backupId: "text", mostRecent: [true, false] }],
  getBackupDownload: [downloadLinks, { ...INSTANCE, backupId: "required text" }],
};

/** The token under which the engine, the plugin and the mocks of unit tests know a function. */
export const TOKEN_PREFIX = "cds-redis:index:";

/** The key of each list in an answer to the engine, which takes objects only. */
export const LISTS: { readonly [Name in keyof Functions]?: string } = {
  getRegions: "regions",
  getVdcs: "vdcs",
  getPrivateNetworks: "privateNetworks",
  getInstances: "instances",
  getBackups: "backups",
};

export function isFunction(name: string): name is keyof Functions {
  return Object.hasOwn(ANSWERS, name);
}

/** Throws unless the arguments are those of the function, since a program may give anything. */
export function checkFunctionArguments<Name extends keyof Functions>(
  name: Name,
  args: Functions[Name][0],
): void {
  const [, kinds] = ANSWERS[name];
  checkKinds(args, kinds);
}

/** Checks the arguments, and asks the account that they name. */
export async function answer<Name extends keyof Functions>(
  name: Name,
  args: Functions[Name][0],
  accounts: Accounts,
): Promise<Functions[Name][1]> {
  checkFunctionArguments(name, args);
  const [ask] = ANSWERS[name];
  return ask({ account: accounts.account(args.account), accounts }, args);
}
