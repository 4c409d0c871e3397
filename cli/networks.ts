import { Command } from "commander";

import { describeVdcs } from "../provider/vendor/actions/networks";
import { CdsApiError } from "../provider/vendor/errors";
import type { PrivateNetwork, Vdc } from "../provider/vendor/types";
import { CliError, oneLine, type CliIo } from "./io";
import { inRegions, listCommand, noneThere, type ListCommandOptions } from "./list";
import { jsonText, tableText, type TableRow } from "./table";
import { awaited, clientFor, rethrow } from "./vendor";

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
  const answer = describeVdcs(client).catch(explain);
  const all = await awaited("Asking for the networks", answer, io);
  const vdcs = inRegions(all, region, placeOf);
  if (json) io.out(jsonText({ vdcs: vdcs.map(fieldsOf) }));
  else if (vdcs.length > 0) io.out(vdcs.map(vdcText).join("\n"));
  else io.err(noneThere("data center", all, region));
}

/** Instances need no permission to read networks, so that many keys lack it. */
function explain(error: unknown): never {
  if (!(error instanceof CdsApiError && error.httpStatus === 403)) return rethrow(error);
  throw new CliError(
    `${error.message} The key may lack the permission to read networks: the vendor's console shows them, too.`,
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
  return { cells: [name, status, free, basePipeId], details: segments };
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
