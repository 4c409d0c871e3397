import { setTimeout as pause } from "node:timers/promises";
import { busPort } from "./redisConfiguration";
import { POLL_MS, type RedisProcess } from "./redisProcess";
import type { RespConnection } from "./resp";

const SLOTS = 16384;
/** Redis waits for two seconds itself before a new cluster takes writes. */
const JOIN_LIMIT_MS = 60_000;

/**
 * Makes one cluster of servers that answer: spreads the slots evenly, and waits until each of them says that all is ok.
 *
 * @throws Error when a node refuses, or they don't agree in time.
 */
export async function joinCluster(nodes: readonly RedisProcess[]): Promise<void> {
  const connections: RespConnection[] = [];
  try {
    for (const node of nodes) connections.push(await node.connect());
    for (const [index, connection] of connections.entries()) {
      // Each its own, so that they have nothing to settle between them.
      await connection.command("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
      await connection.command("CLUSTER", "ADDSLOTS", ...slotsOf(index, nodes.length));
    }
    const [first] = connections;
    for (const { plan } of nodes.slice(1)) {
      const { address, port } = plan;
      const bus = port + 10_000 === busPort(port) ? [] : [String(busPort(port))];
      await first?.command("CLUSTER", "MEET", address, String(port), ...bus);
    }
    await untilAgreed(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function untilAgreed(connections: readonly RespConnection[]): Promise<void> {
  const limit = performance.now() + JOIN_LIMIT_MS;
  const expected = [
    "cluster_state:ok",
    `cluster_slots_ok:${SLOTS}`,
    `cluster_known_nodes:${connections.length}`,
  ];
  for (const connection of connections) {
    for (;;) {
      const lines = (await connection.text("CLUSTER", "INFO")).split("\r\n");
      if (expected.every((line) => lines.includes(line))) break;
      if (performance.now() > limit) {
        throw new Error(`its cluster is not ok within ${JOIN_LIMIT_MS / 1000} s`);
      }
      await pause(POLL_MS);
    }
  }
}

function slotsOf(index: number, count: number): string[] {
  const [first, end] = [index, index + 1].map((n) => Math.floor((n * SLOTS) / count));
  const slots: string[] = [];
  for (let slot = first ?? 0; slot < (end ?? 0); slot += 1) slots.push(String(slot));
  return slots;
}
