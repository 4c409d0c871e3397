import { sleep } from "../face";
import type { Run } from "../stackModel";
import type { Side } from "./history";
import { isMisdelivery } from "./judge";
import { nameOf, urnOf, type StackSide } from "./stackSide";
import type { World } from "./world";

/** What the user of a stack does at the end of a history, when nothing goes wrong any more. */
export async function end(world: World): Promise<void> {
  world.vendor.api.faults.clear();
  // What an interrupted run began to delete is gone by then, so that a refresh shows it. And what is
  // being delivered is ready: known is that a refresh before makes the engine forget that it is not.
  await sleep(10 * 60_000);
  for (const side of [0, 1] as const) if (wasUsed(world.sides[side])) await converge(world, side);
  for (const side of [0, 1] as const) if (wasUsed(world.sides[side])) await leave(world, side);
}

/** At most two runs of `pulumi up` bring the vendor to what the program says (6). */
async function converge(world: World, number: Side): Promise<void> {
  const side = world.sides[number];
  askAgain(world, side);
  await makeWay(world, number);
  if (world.tampered) {
    const refreshed = await checked(world, () => world.refresh(number));
    requireNone(refreshed, "refresh");
  }
  const again = askAgain(world, side);
  const first = await checked(world, () => world.up(number, {}, again));
  const second = first.failures.length > 0 ? await checked(world, () => world.up(number)) : first;
  // A replacement whose time limit is shorter than the delivery costs one more.
  const wasShort = second.failures.some(({ error }) => String(error).includes("gave up after"));
  const last = wasShort ? await checked(world, () => world.up(number)) : second;
  requireNone(last, "last up");
  const planned = await side.model.preview(world.host(number), side.program());
  if (planned.length > 0) throw new Error(`invariant 6: to do still: ${JSON.stringify(planned)}`);
  const lost = world.judge.lost(side);
  if (lost.length > 0) throw new Error(`invariant 1: lost ${JSON.stringify(lost)}`);
  for (const { id, urn, outputs } of side.model.held) {
    if (id.includes("/")) continue;
    const live = world.vendor.api.store.findInstance(id);
    const wish = side.wishes.get(nameOf(urn));
    if (live?.status !== "RUNNING" || live.instanceName !== outputs["instanceName"])
      throw new Error(`invariant 6: ${urn} is ${JSON.stringify(live)}`);
    const isMisdelivered = world.vendor.calls.some(
      (call) => isMisdelivery(call) && call.made.includes(id),
    );
    if (!isMisdelivered && (live.ramGb !== wish?.ramGb || live.port !== wish.port))
      throw new Error(`invariant 6: ${urn} has ${live.ramGb} GB and port ${live.port}`);
  }
}

/** `destroy` leaves nothing of the stack's, or names it (7). */
async function leave(world: World, number: Side): Promise<void> {
  const side = world.sides[number];
  requireNone(await checked(world, () => world.destroy(number)), "destroy");
  if (side.model.held.length > 0) throw new Error("invariant 7: the state is not empty");
  const left = world.judge.lost(side);
  if (left.length > 0) throw new Error(`invariant 7: left ${JSON.stringify(left)}`);
}

/**
 * An instance that the stack doesn't hold has the name that the program gives, be it somebody's or
 * of an order that was cut short: the user is told of it, and takes another name.
 */
async function makeWay(world: World, number: Side): Promise<void> {
  const side = world.sides[number];
  const wish = side.wishes.get("sessions");
  const held = side.ids();
  const [taken] = world.vendor.api.store
    .instances()
    .filter((one) => one.instanceName === wish?.name && !held.has(one.instanceUuid));
  if (wish === undefined || taken === undefined) return;
  const { failures } = await checked(world, () => world.up(number));
  // What has the name already is not looked for.
  const needsName = side.model.current(urnOf("sessions"))?.outputs["instanceName"] !== wish.name;
  if (needsName && !String(failures.map(({ error }) => error)).includes(taken.instanceUuid))
    throw new Error(`${taken.instanceName} (${taken.instanceUuid}) is in the way, and not named`);
  side.wishes.set("sessions", { ...wish, name: `shop-sessions-of-${number}` });
}

/**
 * An order that was cut short, and that the program does not ask for any more, stays where it is
 * until somebody asks for it again. Wants these, and gives those that are to be replaced for it.
 */
function askAgain({ judge, history }: World, side: StackSide): string[] {
  const urns = [...new Set(judge.lost(side).map(({ urn }) => urn))];
  for (const name of urns.map(nameOf))
    if (!side.wishes.has(name)) side.wishes.set(name, history.wish);
  return urns.filter((urn) => side.model.current(urn) !== undefined);
}

function wasUsed(side: StackSide): boolean {
  return side.model.held.length > 0 || side.wishes.size > 0 || side.stack.noted.size > 0;
}

async function checked(world: World, operation: () => Promise<Run>): Promise<Run> {
  let run: Run | undefined;
  await world.judged(async () => {
    run = await operation();
  });
  if (run === undefined) throw new Error("no run");
  return run;
}

function requireNone({ failures }: Run, what: string): void {
  const [failure] = failures;
  if (failure !== undefined) throw new Error(`invariant 6: ${what}: ${String(failure.error)}`);
}
