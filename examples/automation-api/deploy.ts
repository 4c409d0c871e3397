import type { EngineEvent, OutputMap } from "@pulumi/pulumi/automation/index.js";

import { lostInstances } from "./gate.ts";
import { printed, withStack } from "./stack.ts";

function describe(outputs: OutputMap): string {
  const { host, port, regionId, architecture, ramGb, paasGoodsId, billingId, createdTime } =
    Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  return [
    `Redis:  ${host}:${port}`,
    `Billed: ${ramGb} GB ${architecture} in ${regionId}, goods ${paasGoodsId}`,
    `        billing id ${billingId}, ordered at ${createdTime}`,
  ].join("\n");
}

await withStack(async (stack) => {
  const events: EngineEvent[] = [];
  // `up` follows this plan, and refuses whatever this preview did not show.
  const plan = "plan.json";
  await stack.preview({ plan, ...printed, onEvent: (event) => events.push(event) });

  const accepted = process.env["ACCEPT_LOSS_OF"];
  const refused = lostInstances(events).filter(({ id }) => id !== accepted);
  if (refused.length > 0) {
    console.error(`\nRefused, because data would be lost. Nothing was changed.`);
    for (const { id, reason } of refused)
      console.error(`- ${reason}\n  To accept that, set ACCEPT_LOSS_OF=${id}.`);
    process.exitCode = 1;
    return;
  }
  const { outputs } = await stack.up({ plan, ...printed });
  console.log(describe(outputs));
});
