import axios from "axios";

import { endpointUrl } from "../provider/core/configuration";
import { agentFor } from "../provider/vendor/agent";
import { describeRegions } from "../provider/vendor/actions/catalog";
import { describeInstances } from "../provider/vendor/actions/instances";
import { describeVdcs } from "../provider/vendor/actions/networks";
import { isLoopback, type CdsClient } from "../provider/vendor/client";
import { CdsConfigError, CdsError } from "../provider/vendor/errors";
import { connectionError } from "../provider/vendor/failure";
import { proxyFor } from "../provider/vendor/proxy";
import type { Region } from "../provider/vendor/types";
import { clientFor, givenEndpoint } from "./accounts";
import type { Finding } from "./doctor";
import { CliError, counted, oneLine, type CliIo } from "./io";
import { ACCESS_KEY_VARIABLES, awaited, networksRemedy } from "./vendor";

const TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** The provider signs anew, with the server's clock, where this machine's is off by more. */
const TOLERATED_SKEW_MS = 60_000;

type Add = (finding: Finding) => void;

const CHECKS = ["proxy", "endpoint", "clock", "key", "region", "networks"];

/** Checks the way to the vendor, and what the access key may do there. Each check has its finding. */
export async function vendorChecks(option: string | undefined, io: CliIo, add: Add): Promise<void> {
  const found: Finding[] = [];
  const addFound: Add = (finding) => {
    found.push(finding);
    add(finding);
  };
  await checkInTurn(option, io, addFound);
  // The last one ended the checks: others may fail, and the next ones go on.
  const failed = found.findLast(({ status }) => status === "failed")?.name ?? "";
  for (const name of CHECKS.filter((each) => found.every((finding) => finding.name !== each)))
    add({ name, status: "skipped", message: `the ${failed} comes first`, remedy: "" });
}

/** Ends with the first check that the later ones need. */
async function checkInTurn(option: string | undefined, io: CliIo, add: Add): Promise<void> {
  const { given, name } = givenEndpoint(option, io);
  if (!(await checkEndpoint(given, name, io, add))) return;
  const client = clientToCheck(option, io, add);
  if (client === undefined || !(await checkKey(client, io, add))) return;
  await checkRegion(client, io, add);
  await checkNetworks(client, io, add);
}

/** Checks proxy, endpoint and clock by a call without a key. Returns whether the vendor's API answered. */
async function checkEndpoint(
  given: string | undefined,
  settingName: string,
  io: CliIo,
  add: Add,
): Promise<boolean> {
  let name = "endpoint";
  try {
    const endpoint = endpointUrl(given, settingName);
    name = "proxy";
    add({ name, status: "ok", message: proxyText(new URL(endpoint), io), remedy: "" });
    name = "endpoint";
    const answer = await awaited(`Asking ${endpoint}`, probe(endpoint, settingName), io);
    add(endpointFinding(endpoint, settingName, answer));
    if (answer.isVendor) add(clockFinding(answer.aheadMs));
    return answer.isVendor;
  } catch (error) {
    if (!(error instanceof CdsConfigError || error instanceof CdsError)) throw error;
    const { message } = error;
    add({ name, status: "failed", message: factOf(message), remedy: remedyFor(message, given) });
    return false;
  }
}

/** Without the name of the call, which is the doctor's own. */
function factOf(message: string): string {
  return oneLine(message.replace(/^doctor: /, ""));
}

/** What else helps, by the system's word for the failure. The message has the settings to check. */
function remedyFor(message: string, given: string | undefined): string {
  if (message.includes("ECONNREFUSED") && /127\.0\.0\.1|localhost|\[::1\]/.test(given ?? ""))
    return "Start the emulator: `npx cds-redis emulator`.";
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return "Check the name of the host, and DNS.";
  if (/SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/.test(message))
    return "Set NODE_EXTRA_CA_CERTS to the file with the certificate of your proxy's authority.";
  if (message.includes("ALTNAME"))
    return "Another host answers in its place: check DNS and the proxy.";
  return "";
}

function proxyText(url: URL, { env }: CliIo): string {
  if (isLoopback(url.hostname)) return `none for ${url.host}, which is this machine`;
  const proxy = proxyFor(url, env);
  if (proxy === undefined) return `none for ${url.host}`;
  const login = proxy.login === "" ? "without a login" : "with a login";
  return `${proxy.url} for ${url.host}, by ${proxy.variable}, ${login}`;
}

interface Probe {
  readonly status: number;
  /** Whether it is JSON with a Code, as the vendor's. */
  readonly isVendor: boolean;
  readonly milliseconds: number;
  /** How far this machine's clock is ahead of the server's; undefined where the server tells no time. */
  readonly aheadMs: number | undefined;
}

/** Sends a call that any gateway of the vendor refuses: it names no action and no key. */
async function probe(endpoint: string, settingName: string): Promise<Probe> {
  const mayUseProxy = !isLoopback(new URL(endpoint).hostname);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const start = Date.now();
  try {
    const { status, headers, data } = await axios.get<unknown>(`${endpoint}/redis/`, {
      ...{ signal, proxy: false, maxRedirects: 0, maxContentLength: MAX_ANSWER_BYTES },
      headers: { Accept: "application/json", "User-Agent": "pulumi-cds-redis" },
      httpsAgent: agentFor(endpoint, mayUseProxy, {}),
      validateStatus: () => true,
    });
    const end = Date.now();
    // The header has whole seconds, so the server's time is half a second later on average.
    const date = Date.parse(String(headers["date"])) + 500;
    const aheadMs = Number.isNaN(date) ? undefined : (start + end) / 2 - date;
    const { Code: code } = Object(data) as { readonly Code?: unknown };
    return { status, isVendor: typeof code === "string", milliseconds: end - start, aheadMs };
  } catch (error) {
    const lateness = signal.aborted ? `timed out after ${TIMEOUT_MS / 1000} s` : "";
    const settingNames = { accessKey: ACCESS_KEY_VARIABLES, endpoint: settingName };
    throw connectionError("doctor", error, lateness, { endpoint, settingNames });
  }
}

function endpointFinding(endpoint: string, settingName: string, answer: Probe): Finding {
  const { status, isVendor, milliseconds } = answer;
  const name = "endpoint";
  if (isVendor) {
    const message = `${endpoint} answers as the vendor's API, in ${milliseconds} ms`;
    return { name, status: "ok", message, remedy: "" };
  }
  const message = `${endpoint} answers HTTP ${status}, and not as the vendor's API`;
  const remedy =
    status >= 500
      ? "The vendor's gateway fails: try later."
      : `Check ${settingName}, and whether a proxy answers in the vendor's place.`;
  return { name, status: "failed", message, remedy };
}

export function clockFinding(aheadMs: number | undefined): Finding {
  const name = "clock";
  if (aheadMs === undefined)
    return { name, status: "warning", message: "the server tells no time", remedy: "" };
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const message = `${seconds} s ${aheadMs < 0 ? "behind" : "ahead of"} the server's`;
  if (Math.abs(aheadMs) <= TOLERATED_SKEW_MS) return { name, status: "ok", message, remedy: "" };
  const remedy = "Set this machine's clock, such as by `timedatectl set-ntp true`.";
  return { name, status: "failed", message, remedy };
}

function clientToCheck(option: string | undefined, io: CliIo, add: Add): CdsClient | undefined {
  try {
    return clientFor(option, io);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    add({ name: "key", status: "failed", message: error.message, remedy: "" });
    return undefined;
  }
}

async function checkKey(client: CdsClient, io: CliIo, add: Add): Promise<boolean> {
  const name = "key";
  try {
    const instances = await awaited("Asking with the key", describeInstances(client), io);
    const count = counted(instances.length, "instance");
    add({ name, status: "ok", message: `accepted; the account has ${count}`, remedy: "" });
    return true;
  } catch (error) {
    if (!(error instanceof CdsError)) throw error;
    add({ name, status: "failed", message: oneLine(error.message), remedy: "" });
    return false;
  }
}

async function checkRegion(client: CdsClient, io: CliIo, add: Add): Promise<void> {
  const wanted = io.env["CDS_REGION"]?.trim() ?? "";
  const name = "region";
  try {
    const regions = await awaited("Asking for the regions", describeRegions(client), io);
    add(regionFinding(wanted, regions));
  } catch (error) {
    if (!(error instanceof CdsError)) throw error;
    add({ name, status: "failed", message: oneLine(error.message), remedy: "" });
  }
}

export function regionFinding(wanted: string, regions: readonly Region[]): Finding {
  const name = "region";
  const forSale = regions.filter((region) => region.forSale && region.regionId !== "");
  if (wanted === "") {
    const message = `CDS_REGION is not set; ${counted(forSale.length, "region")} for sale`;
    return { name, status: "ok", message, remedy: "" };
  }
  const region = regions.find(({ regionId }) => regionId === wanted);
  if (region?.forSale === true)
    return { name, status: "ok", message: `${wanted} of CDS_REGION is for sale`, remedy: "" };
  const fact = region === undefined ? "is no region of the vendor" : "sells nothing at present";
  const choices = forSale.map(({ regionId }) => regionId).sort();
  return {
    ...{ name, status: "failed", message: oneLine(`${wanted} of CDS_REGION ${fact}`) },
    remedy: oneLine(`Set it to one of ${choices.join(", ") || "none"}.`),
  };
}

async function checkNetworks(client: CdsClient, io: CliIo, add: Add): Promise<void> {
  const name = "networks";
  try {
    const vdcs = await awaited("Asking for the networks", describeVdcs(client), io);
    const networks = vdcs.reduce((sum, { privateNetworks }) => sum + privateNetworks.length, 0);
    const message = `${counted(vdcs.length, "data center")}, ${counted(networks, "private network")}`;
    if (networks > 0) add({ name, status: "ok", message, remedy: "" });
    else {
      const remedy = "Make a data center with a private network in the vendor's console.";
      add({ name, status: "warning", message, remedy });
    }
  } catch (error) {
    if (!(error instanceof CdsError)) throw error;
    // An order goes without.
    const message = oneLine(error.fact);
    add({ name, status: "warning", message, remedy: networksRemedy(error) });
  }
}
