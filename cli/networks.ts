import { Command } from "commander";

import { describeInstances } from "../provider/vendor/actions/instances";
import { describeVdcs } from "../provider/vendor/actions/networks";
import type { CdsClient } from "../provider/vendor/client";
import { CdsApiError } from "../provider/vendor/errors";
import type { PrivateNetwork, Vdc } from "../provider/vendor/types";
import { clientFor } from "./accounts";
import { CliError, oneLine, type CliIo } from "./io";
import { inRegions, listCommand, noneThere, type ListCommandOptions } from "./list";
import { jsonText, tableText, type TableRow } from "./table";
import { awaited, networksRemedy, rethrow } from "./vendor";

/** `cds-redis networks` with its subcommands. */
export function networksCommand(io: CliIo): Command {
  const description = "List the data centers (vdcId) and their private networks (basePipeId)";
  return new Command("networks")
    .description("List the networks that an order can name")
    .addCommand(listCommand({ name: "networks", description, run: runNetworksList }, io));
}

/**
 * Prints the data centers of the account with their private networks.
 *
 * @throws CliError
 */
export async function runNetworksList(options: ListCommandOptions, io: CliIo): Promise<void> {
  const { region, endpoint, json = false } = options;
  const client = clientFor(endpoint, io);
  const answer = describeVdcs(client).catch((error: unknown) => explain(client, error));
  const all = await awaited("Asking for the networks", answer, io);
  const vdcs = inRegions(all, region, placeOf);
  if (json) io.out(jsonText({ vdcs: vdcs.map(fieldsOf) }));
  else if (vdcs.length > 0) io.out(vdcs.map(vdcText).join("\n"));
  else io.err(noneThere("data center", all, region));
}

/** Tells a wrong key from one that may read instances and no networks: the vendor refuses both alike. */
async function explain(client: CdsClient, error: unknown): Promise<never> {
  if (!(error instanceof CdsApiError && error.isUnauthorized)) return rethrow(error);
  await describeInstances(client).catch(() => rethrow(error));
  throw new CliError(
    `${error.fact}. The vendor lists instances for this key. ${networksRemedy(error)}`,
    { cause: error, exitCode: 1 },
  );
}

function placeOf({ regionId, vdcName, vdcId }: Vdc): string[] {
  return [regionId, vdcName, vdcId];
}

const HEAD = ["NETWORK", "STATUS", "FREE", "BASEPIPEID"];

function vdcText({ regionId, vdcName, vdcId, privateNetworks }: Vdc): string {
  const title = `${oneLine(vdcName)} in ${oneLine(regionId)}\n  vdcId ${oneLine(vdcId)}\n`;
  if (privateNetworks.length === 0)
    return `${title}  no private network: make one in the vendor's console\n`;
  return title + tableText(HEAD, privateNetworks.map(rowOf), "  ");
}

function rowOf({ name, status, freeAddresses, basePipeId, segments }: PrivateNetwork): TableRow {
  const free = freeAddresses === undefined ? "?" : `${freeAddresses}`;
  const full = freeAddresses === 0 ? ["full: an order needs a free address"] : [];
  return { cells: [name, status, free, basePipeId], details: [...segments, ...full] };
}

/** The fields that scripts may rely on. */
function fieldsOf({ regionId, vdcId, vdcName, privateNetworks }: Vdc): object {
  return {
    ...{ regionId, vdcId, vdcName },
    privateNetworks: privateNetworks.map(
      ({ basePipeId, name, status, segments, freeAddresses = null }) => ({
        ...{ basePipeId, name, status, segments, freeAddresses },
      }),
    ),
  };
}
