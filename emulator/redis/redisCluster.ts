import { setTimeout as pause } from "node:timers/promises";
import { busPort } from "./redisConfiguration";
import type { RedisProcess } from "./redisProcess";

const SLOTS = 16384;
/** Redis waits for two seconds itself before a new cluster takes writes. */
const JOIN_LIMIT_MS = 60_000;
const JOIN_POLL_MS = 100;

/**
 * Makes one cluster of servers that answer: spreads the slots evenly, and waits until every node reports `ok`.
 *
 * @throws Error when a node refuses, or they don't agree in time.
 */
export async function joinCluster(nodes: readonly RedisProcess[]): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    // With an epoch of its own no node has to settle a conflict.
    await order(node, "CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    await order(node, "CLUSTER", "ADDSLOTS", ...slotsOf(index, nodes.length));
  }
  const [first, ...others] = nodes;
  for (const { plan } of others) {
    const { address, port } = plan;
    const bus = port + 10_000 === busPort(port) ? [] : [String(busPort(port))];
    if (first) await order(first, "CLUSTER", "MEET", address, String(port), ...bus);
  }
  await untilAgreed(nodes);
}

/** @throws Error with the node's own words when it does not say OK. */
async function order(node: RedisProcess, ...words: readonly string[]): Promise<void> {
  const reply = await node.ask(...words);
  if (reply !== "OK") throw new Error(reply);
}

async function untilAgreed(nodes: readonly RedisProcess[]): Promise<void> {
  const limit = performance.now() + JOIN_LIMIT_MS;
  const expected = [
    "cluster_state:ok",
    `cluster_slots_ok:${SLOTS}`,
    `cluster_known_nodes:${nodes.length}`,
  ];
  for (const node of nodes) {
    for (;;) {
      const lines = (await node.ask("CLUSTER", "INFO")).split(/\r?\n/);
      if (expected.every((line) => lines.includes(line))) break;
      if (performance.now() > limit) {
        throw new Error(`its cluster is not ok within ${JOIN_LIMIT_MS / 1000} s`);
      }
      await pause(JOIN_POLL_MS);
    }
  }
}

function slotsOf(index: number, count: number): string[] {
  const [first, end] = [index, index + 1].map((n) => Math.floor((n * SLOTS) / count));
  const slots: string[] = [];
  for (let slot = first ?? 0; slot < (end ?? 0); slot += 1) slots.push(String(slot));
  return slots;
}
