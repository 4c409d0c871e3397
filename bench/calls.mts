// Counts the calls that many instances cost, and how late the engine learns that they run: in virtual time, beside the
// policy of the terraform provider. `--seeds=<n>` sets over how many runs of the emulator (default: 20; ten times as
// many for N below 100). Prints every target of the project with its ratio. Ends with 1 when a target is missed.
import { table, writeFigure } from "./figures.mts";
import { ours, peer, type Done, type Policy } from "./policies.mts";
import { reportTargets, type Target } from "./targets.mts";
import { inVirtualTime, startVendor, type Delays, type EmulatorApi } from "./virtualVendor.mts";

const SIZES = [1, 10, 100, 300];
/** What the engine does at once on two cores, unless the user sets `--parallel`. */
const ENGINE_PARALLEL = 8;
const USUAL: Delays = { deliverySeconds: 200, deleteSeconds: 30 };
const QUICK: Delays = { deliverySeconds: 20, deleteSeconds: 10 };
const seeds = Number(
  process.argv.find((argument) => argument.startsWith("--seeds="))?.slice("--seeds=".length) ?? 20,
);

/** One case over all runs. Calls and the time of `destroy` are the most of any run. */
interface Figures {
  readonly policy: string;
  readonly deliverySeconds: number;
  readonly parallel: number;
  readonly instances: number;
  readonly createCalls: number;
  readonly previewCalls: number;
  readonly destroyCalls: number;
  readonly destroyMs: number;
  readonly lateMedianMs: number;
  readonly late99Ms: number;
  readonly lateMostMs: number;
}

const figures: Figures[] = [];
for (const count of SIZES)
  for (const policy of [ours, peer]) figures.push(await measure(policy, count, count));
const hundred = figureOf(100);
for (const policy of [ours, peer]) figures.push(await measure(policy, 100, ENGINE_PARALLEL));
const stream = figureOf(100, ENGINE_PARALLEL);
for (const policy of [ours, peer]) figures.push(await measure(policy, 10, 10, QUICK));
const quick = figureOf(10, 10, QUICK);

console.log(
  table(
    ["", "delivery", "at once", "N", "create", "preview", "destroy", "median", "99 %", "most"],
    figures.map((one) => [
      one.policy,
      `${one.deliverySeconds} s`,
      ...[one.parallel, one.instances, one.createCalls, one.previewCalls, one.destroyCalls].map(
        String,
      ),
      ...[one.lateMedianMs, one.late99Ms, one.lateMostMs].map(inSeconds),
    ]),
  ),
);
console.log(
  `\nCalls are the most of ${seeds} runs (${seeds * 10} for N below 100). The last three columns: from RUNNING to created.\n`,
);

const targets: Target[] = [
  { what: "100 at once: calls to create", measured: hundred.createCalls, limit: 100 + 110 },
  { what: "100 at once: calls to destroy", measured: hundred.destroyCalls, limit: 100 + 60 },
  { what: "100 at once: calls of a preview", measured: hundred.previewCalls, limit: 1 },
  { what: "100 at once: ms late, median", measured: hundred.lateMedianMs, limit: 2_000 },
  { what: "100 at once: ms late, 99 %", measured: hundred.late99Ms, limit: 4_000 },
  { what: "100, 8 at a time: calls to create", measured: stream.createCalls, limit: 850 },
  { what: "10 in 20 s: ms late, median", measured: quick.lateMedianMs, limit: 1_500 },
  { what: "10 in 20 s: ms late, 99 %", measured: quick.late99Ms, limit: 3_000 },
  // The engine's own time comes on top: see engineRuns.mts.
  { what: "10 deleted in 10 s: ms of destroy", measured: quick.destroyMs, limit: 1.25 * 10_000 },
];
reportTargets(targets);

const atOnce = figures.filter(
  ({ parallel, instances, deliverySeconds }) =>
    parallel === instances && deliverySeconds === USUAL.deliverySeconds,
);
const of = (policy: Policy, value: (one: Figures) => number): number[] =>
  atOnce.filter((one) => one.policy === policy.name).map(value);
const groups = SIZES.map((count) => `${count}`);
writeFigure("calls", { seeds, figures, targets }, [
  {
    title: "API calls to create N instances, all at once",
    subtitle: "Delivery in 200 s ± 30 %, virtual time; the most of all runs",
    unit: "calls",
    groups,
    series: [
      { name: "floor: N creates", values: SIZES },
      ...[ours, peer].map((policy) => ({
        name: policy.name,
        values: of(policy, (one) => one.createCalls),
      })),
    ],
    logarithmic: true,
  },
  {
    title: "From RUNNING to `created`: 99th percentile",
    subtitle: "Delivery in 200 s ± 30 %, virtual time; the floor is 0",
    unit: "seconds",
    groups,
    series: [ours, peer].map((policy) => ({
      name: policy.name,
      values: of(policy, (one) => one.late99Ms / 1_000),
    })),
  },
]);

async function measure(
  policy: Policy,
  count: number,
  parallel: number,
  delays = USUAL,
): Promise<Figures> {
  const late: number[] = [];
  const calls = { create: 0, preview: 0, destroy: 0 };
  let destroyMs = 0;
  // One run with one instance is a single draw of the delivery time.
  const runs = count < 100 ? seeds * 10 : seeds;
  for (let run = 0; run < runs; run += 1)
    await inVirtualTime(async () => {
      const api = startVendor(`bench ${run}`, delays);
      const created = await policy.create(api, count, parallel);
      late.push(...created.done.map((one) => one.endedAt - readyAt(api, one)));
      const preview = await policy.preview(api, created.done);
      const startedAt = Date.now();
      const destroyed = await policy.destroy(api, created.done, parallel);
      destroyMs = Math.max(destroyMs, Date.now() - startedAt);
      calls.create = Math.max(calls.create, created.calls);
      calls.preview = Math.max(calls.preview, preview.calls);
      calls.destroy = Math.max(calls.destroy, destroyed.calls);
    });
  late.sort((one, other) => one - other);
  const part = (share: number): number => late[Math.ceil(late.length * share) - 1] ?? Number.NaN;
  return {
    ...{ policy: policy.name, deliverySeconds: delays.deliverySeconds },
    ...{ parallel, instances: count },
    ...{ createCalls: calls.create, previewCalls: calls.preview, destroyCalls: calls.destroy },
    ...{ destroyMs, lateMedianMs: part(0.5), late99Ms: part(0.99), lateMostMs: part(1) },
  };
}

/** When the vendor had delivered the instance. */
function readyAt(api: EmulatorApi, { id }: Done): number {
  return api.store.findInstance(id)?.readyAt ?? Number.NaN;
}

/** What this package needed. */
function figureOf(count: number, parallel = count, delays = USUAL): Figures {
  const found = figures.find(
    (one) =>
      one.policy === ours.name &&
      one.instances === count &&
      one.parallel === parallel &&
      one.deliverySeconds === delays.deliverySeconds,
  );
  if (found === undefined) throw new Error(`nothing was measured for ${count}`);
  return found;
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
