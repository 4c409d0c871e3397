import { Command } from "commander";

import { describeInstances } from "../provider/vendor/actions/instances";
import type { Instance } from "../provider/vendor/types";
import { clientFor } from "./accounts";
import type { CliIo } from "./io";
import { inRegions, listCommand, noneThere, type ListCommandOptions } from "./list";
import { jsonText, tableText } from "./table";
import { awaited, rethrow } from "./vendor";

/** `cds-redis instances` with its subcommands. */
export function instancesCommand(io: CliIo): Command {
  const description = "List the instances, by region and name";
  return new Command("instances")
    .description("List the instances of an account")
    .addCommand(listCommand({ name: "instances", description, run: runInstancesList }, io));
}

/**
 * Prints the instances of the account.
 *
 * @throws CliError
 */
export async function runInstancesList(options: ListCommandOptions, io: CliIo): Promise<void> {
  const { region, endpoint, json = false } = options;
  const client = clientFor(endpoint, io);
  const answer = describeInstances(client).catch(rethrow);
  const all = await awaited("Asking for the instances", answer, io);
  const instances = inRegions(all, region, placeOf);
  if (json) io.out(jsonText({ instances: instances.map(fieldsOf) }));
  else if (instances.length > 0) io.out(tableText(HEAD, instances.map(rowOf)));
  else io.err(noneThere("instance", all, region));
}

function placeOf({ regionId, instanceName, instanceId }: Instance): string[] {
  return [regionId, instanceName, instanceId];
}

const HEAD = ["INSTANCE", "STATUS", "REGION", "MEMORY", "ADDRESS"];

function rowOf(instance: Instance): { cells: string[]; details: string[] } {
  const { instanceName, status, regionId, ramGb, ip, port } = instance;
  const address = ip === "" ? "" : `${ip}:${port}`;
  const { architecture, version, vdcName, createdTime } = instance;
  const facts = [`${architecture} ${version}`, vdcName, createdTime.slice(0, 10)];
  const known = facts.map((fact) => fact.trim()).filter((fact) => fact !== "");
  return {
    cells: [instanceName, status, regionId, ramGb === 0 ? "" : `${ramGb} GB`, address],
    details: [`${instance.instanceId}  ${known.join(", ")}`],
  };
}

/** The fields that scripts may rely on. */
function fieldsOf(instance: Instance): object {
  const { instanceId, instanceName, status, statusText, ip, port, ramGb, version } = instance;
  const { architecture, regionId, vdcId, vdcName, createdTime, tagNames } = instance;
  return {
    ...{ instanceId, instanceName, regionId, vdcId, vdcName, status, statusText },
    ...{ ip, port, ramGb, version, architecture, createdTime, tagNames },
  };
}
