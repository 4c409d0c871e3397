import { Command } from "commander";

import { describeInstances } from "../provider/vendor/actions/instances";
import type { Instance } from "../provider/vendor/types";
import type { CliIo } from "./io";
import { jsonText, noneThere, tableText } from "./table";
import {
  awaited,
  clientFor,
  endpointOption,
  jsonOption,
  LIST_HELP,
  regionOption,
  rethrow,
} from "./vendor";

/** The options of the commands that list what an account has, as commander gives them. */
export interface ListCommandOptions {
  readonly region?: readonly string[];
  readonly endpoint?: string;
  readonly json?: boolean;
}

/** `cds-redis instances` with its subcommands. */
export function instancesCommand(io: CliIo): Command {
  return new Command("instances").description("List the instances of an account").addCommand(
    new Command("list")
      .description("List the instances, by region and name")
      .addOption(regionOption())
      .addOption(endpointOption())
      .addOption(jsonOption())
      .addHelpText(
        "after",
        `${LIST_HELP}
  cds-redis instances list
  cds-redis instances list --region CN_Hongkong_A --json`,
      )
      .action((options: ListCommandOptions) => runInstancesList(options, io)),
  );
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
  const instances = all
    .filter(({ regionId }) => region?.includes(regionId) ?? true)
    .sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  if (json) io.out(jsonText({ instances: instances.map(fieldsOf) }));
  else if (instances.length > 0) io.out(tableText(HEAD, instances.map(rowOf)));
  else
    io.err(
      noneThere(
        "instance",
        all.map(({ regionId }) => regionId),
        region,
      ),
    );
}

function placeOf({ regionId, instanceName, instanceId }: Instance): string {
  return JSON.stringify([regionId, instanceName, instanceId]);
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
