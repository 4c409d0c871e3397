import type { FaultKind } from "../../emulator";
import { partlyMade } from "../engineRun";
import type { Program, Run } from "../stackModel";
import { inVirtualTime } from "../virtualTime";
import { adviceOf, asAdvised, isToForget, type Advice } from "./advice";
import { isWrite, type Cell, type KillCell, type Site } from "./cells";
import { classOf, expected } from "./expectations";
import type { Operation, Phase } from "./operations";
import { LIMITS, Scene, type Billed, type KeptScene } from "./scene";

/** What a list or a call that begins right at a deadline may take on top. */
const LATE_S = 15;
/** Four calls of 30 s, and the pauses between them. */
const READ_S = 130;

/** Those that write an entry in other words than the vendor does. */
const TELLS_OTHERWISE: readonly FaultKind[] = [
  ...(["upper-case-ids", "odd-entry", "control-names"] as const),
  ...(["other-size", "other-version", "other-port"] as const),
];

/** The calls of an operation that nothing disturbs. */
export async function callsOf(operation: Operation): Promise<readonly string[]> {
  return inVirtualTime(async () => {
    const scene = await arranged(operation);
    const before = scene.vendor.actions().length;
    const run = await act(scene, operation);
    expect(run.failures).toHaveLength(operation.isRefused ? 1 : 0);
    await converges(scene, operation);
    return scene.vendor.actions().slice(before);
  });
}

/** Where in the calls of its action a site is, counted from 1, and how many its phase has. */
export function placeOf(
  { phase, which }: Site,
  calls: readonly string[],
): { readonly call: number; readonly count: number } {
  const places = placesOf(phase, calls);
  const count = places.length;
  const index = { "1st": 0, "2nd": 1, middle: Math.floor(count / 2), last: count - 1 }[which];
  return { call: places[index] ?? 0, count };
}

function placesOf(
  { action, after, before, slice = [0] }: Phase,
  calls: readonly string[],
): number[] {
  const from = after === undefined ? 0 : calls.indexOf(after);
  const end = before === undefined ? -1 : calls.indexOf(before, from);
  const until = end < 0 ? calls.length : end;
  const places = calls
    .map((called, index) => ({ called, index }))
    .filter(({ called }) => called === action)
    .map(({ index }, nth) => ({ index, call: nth + 1 }))
    .filter(({ index }) => index >= from && index < until)
    .map(({ call }) => call);
  return places.slice(...slice);
}

/** Runs the operation with a fault, and holds it against the table; tells what leaked even where that fails. */
export async function runCell(
  cell: Cell,
  call: number,
  onLeak: (leaked: readonly Billed[]) => void,
): Promise<void> {
  const { operation, phase, kind, when, times } = cell;
  await judged(operation, onLeak, async (scene) => {
    const before = snapshotOf(scene);
    scene.vendor.faults.add({ kind, when, times, call, action: phase.action });
    const start = Date.now();
    const run = await act(scene, operation);
    const seconds = (Date.now() - start) / 1000;
    expect(scene.vendor.faults.hits.length).toBeGreaterThan(0);
    scene.vendor.faults.clear();
    holds(cell, scene, run, before);
    expect(seconds).toBeLessThanOrEqual(limitOf(cell));
  });
}

/** Runs the operation until a process dies, and what a user does then. */
export async function runKill(
  cell: KillCell,
  call: number,
  onLeak: (leaked: readonly Billed[]) => void,
): Promise<void> {
  const { operation, phase, process, when } = cell;
  const left: Billed[] = [];
  const advised = await judged(operation, onLeak, async (scene) => {
    scene.vendor.killAt({ action: phase.action, call, when }, () => {
      scene.model.kill(process);
    });
    const run = await act(scene, operation);
    expect(run.died).toBe(process);
    const held = scene.heldIds();
    left.push(...scene.billed().filter(({ id }) => !held.has(id)));
  });
  // A name of the user's is no proof of whose the instance is.
  expect(advised.length > 0).toBe(left.length > 0 && operation.isNamedByUser === true);
}

/** Runs a task on an arranged scene, then what a user does next; gives what the errors advised. */
async function judged(
  operation: Operation,
  onLeak: (leaked: readonly Billed[]) => void,
  task: (scene: Scene) => Promise<void>,
): Promise<readonly Advice[]> {
  return inVirtualTime(async () => {
    const scene = await arranged(operation);
    try {
      await task(scene);
    } catch (error) {
      scene.vendor.faults.clear();
      await converges(scene, operation).catch(() => undefined);
      onLeak(scene.leaked());
      throw error;
    }
    return await converges(scene, operation).finally(() => {
      onLeak(scene.leaked());
    });
  });
}

/** What came before is the same for all cells of an operation. */
const arrangements = new Map<Operation, KeptScene>();

async function arranged(operation: Operation): Promise<Scene> {
  const { vendor, arrange } = operation;
  if (arrange === undefined) return new Scene(vendor);
  let kept = arrangements.get(operation);
  if (kept === undefined) {
    const scene = new Scene(vendor);
    await arrange(scene);
    kept = scene.kept();
    arrangements.set(operation, kept);
  }
  jest.setSystemTime(kept.now);
  return new Scene(vendor, kept);
}

async function act(scene: Scene, { act: how, program }: Operation): Promise<Run> {
  const host = scene.host();
  return how === "refresh" ? scene.model.refresh(host) : scene.model.up(host, program(scene));
}

interface Snapshot {
  readonly billed: ReadonlySet<string>;
  readonly held: ReadonlySet<string>;
}

function snapshotOf(scene: Scene): Snapshot {
  return { billed: new Set(scene.billed().map(({ id }) => id)), held: scene.heldIds() };
}

function holds(cell: Cell, scene: Scene, run: Run, before: Snapshot): void {
  const { operation, phase, kind } = cell;
  const now = snapshotOf(scene);
  const made = [...now.billed].filter((id) => !before.billed.has(id));
  const [failure] = run.failures;
  const text = String(failure?.error);
  const kept = failure === undefined ? undefined : partlyMade(failure.error);
  const outcome = operation.isRefused ? "is refused" : expected(cell);
  expect({ failed: failure !== undefined, text }).toEqual({
    failed: outcome !== "ends well",
    text,
  });
  expect(kept !== undefined).toBe(outcome === "is partly made");
  if (outcome === "is refused") expect(made).toEqual([]);
  if (outcome === "is partly made")
    for (const id of made) expect(now.held.has(id) || text.toLowerCase().includes(id)).toBe(true);
  if (outcome === "is named") {
    const names = [...scene.vendor.stack.noted.values()].map(({ token, inputs }) =>
      typeof inputs["instanceName"] === "string" ? inputs["instanceName"] : `pulumi-${token}`,
    );
    expect(names.filter((name) => text.includes(name))).toHaveLength(1);
  }
  if (outcome === "is safeguarded") {
    expect([...before.held].filter((id) => !now.held.has(id))).toEqual([]);
    expect(scene.leaked()).toEqual([]);
  }
  if (outcome === "stays") expect(made.filter((id) => !now.held.has(id))).toEqual([]);
  if (kind.startsWith("other-")) expect(scene.told()).toMatch(/was delivered with .* instead of/);
  // What left the state is gone at the vendor, or going.
  const lost = [...before.held].filter((id) => !now.held.has(id));
  expect(lost.filter((id) => now.billed.has(id))).toEqual([]);
  const posts = scene.writes.filter(({ action }) => action.startsWith("Create"));
  const wasSentAgain = outcome === "ends well" && phase.role === "order" && cell.when === "before";
  if (!isLimited(cell)) expect(posts.length).toBeLessThanOrEqual(wasSentAgain ? 2 : 1);
}

/** What the vendor certainly did not carry out may be sent again to the deadline. */
function isLimited({ kind, phase }: Cell): boolean {
  return classOf(kind) === "limited" && isWrite(phase);
}

/**
 * Two `up`s without faults lead to what the program says, and then there is nothing to do. What an
 * error says to do the user does; gives what that was.
 */
async function converges(scene: Scene, operation: Operation): Promise<readonly Advice[]> {
  const { model } = scene;
  let program = operation.isRefused ? [] : operation.program(scene);
  const advised: Advice[] = [];
  const isDone = async (): Promise<boolean> =>
    (await model.preview(scene.host(), program)).length === 0;
  let done = await isDone();
  // To make the stack forget something is not enough by itself.
  for (let ups = 0; !done && ups < 2 + advised.filter(isToForget).length; ups += 1) {
    const { failures } = await model.up(scene.host(), program);
    const advice = failures.flatMap(adviceOf);
    for (const { urn } of advice.filter(isToForget)) model.forget(urn);
    program = program.map((one) => advice.reduce(asAdvised, one));
    advised.push(...advice);
    done = failures.length === 0 && (await isDone());
  }
  expect({ done, told: scene.told() }).toMatchObject({ done: true });
  await showsNoDrift(scene, operation, program);
  const held = scene.heldIds();
  const adopted = [...scene.foreign].filter((id) => held.has(id));
  const isOwned = ({ id }: Billed): boolean => held.has(id);
  expect(scene.billed().filter(isOwned).length + adopted.length).toBe(operation.leaves);
  // Two for one there are only where the vendor itself made two.
  const twins = scene.vendor.faults.hits.filter(({ kind }) => kind === "two-ids").length;
  expect(scene.billed().length + adopted.length).toBe(operation.leaves + twins);
  const deletes = scene.writes.filter(({ action }) => action.startsWith("Delete"));
  expect(deletes.filter(({ wasHeld }) => !wasHeld)).toEqual([]);
  expect(scene.toldSecrets()).toEqual([]);
  expect(scene.toldControls()).toEqual([]);
  return advised;
}

/** What a list told otherwise for once is no change: a refresh without faults shows none. */
async function showsNoDrift(
  scene: Scene,
  { act: how }: Operation,
  program: Program,
): Promise<void> {
  const { model, vendor } = scene;
  if (how === "refresh" || !vendor.faults.hits.some(({ kind }) => TELLS_OTHERWISE.includes(kind)))
    return;
  const { failures } = await model.refresh(scene.host());
  expect(failures).toEqual([]);
  expect(await model.preview(scene.host(), program)).toEqual([]);
}

function limitOf({ operation, phase }: Cell): number {
  const byLimits = operation.limits.map((limit) => Number.parseInt(LIMITS[limit], 10) + LATE_S);
  const byReads = /catalogue|import|read/.test(phase.role) ? [READ_S] : [];
  return [...byLimits, ...byReads].reduce((sum, seconds) => sum + seconds, 0);
}
