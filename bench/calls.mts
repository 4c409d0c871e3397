// How many calls instances cost, and how late the engine is told that they run: on virtual time, against the policy of the
// terraform provider and against the floor. `--seeds=<n>` says over how many runs of the emulator. Ends with 1 when a
// target is missed.
import { table, writeFigure } from "./figures.mts";
import { ours, peer, type Outcome, type Policy } from "./policies.mts";
import { inVirtualTime, startVendor } from "./virtualVendor.mts";

const SIZES = [1, 10, 100, 300];
/** Of the engine on two cores, which a user may not know to change. */
const ENGINE_PARALLEL = 8;
const MORE_CALLS = 60;
const MEDIAN_MS = 2_000;
const NEARLY_ALL_MS = 4_000;
const seeds = Number(
  process.argv.find((argument) => argument.startsWith("--seeds="))?.slice("--seeds=".length) ?? 20,
);

/** Over all seeds: calls are the most that any needed. */
interface Figures {
  readonly policy: string;
  readonly parallel: number;
  readonly instances: number;
  readonly createCalls: number;
  readonly previewCalls: number;
  readonly destroyCalls: number;
  readonly lateMedianMs: number;
  readonly late99Ms: number;
  readonly lateMostMs: number;
}

const figures: Figures[] = [];
for (const count of SIZES) {
  figures.push(await measure(ours, count, count));
  figures.push(await measure(peer, count, count));
}
figures.push(await measure(ours, 100, ENGINE_PARALLEL), await measure(peer, 100, ENGINE_PARALLEL));

console.log(
  table(
    ["", "at once", "N", "create", "preview", "destroy", "late median", "p99", "most"],
    figures.map((one) => [
      one.policy,
      ...[one.parallel, one.instances, one.createCalls, one.previewCalls, one.destroyCalls].map(
        String,
      ),
      ...[one.lateMedianMs, one.late99Ms, one.lateMostMs].map(inSeconds),
    ]),
  ),
);
console.log(`\nThe floor: N creates, N deletes, 0 s late. Calls are the most of ${seeds} runs.`);
const missed = targets();
for (const text of missed) console.log(`MISSED: ${text}`);
if (missed.length > 0) process.exitCode = 1;

const atOnce = figures.filter(({ parallel, instances }) => parallel === instances);
const of = (policy: Policy, value: (one: Figures) => number): number[] =>
  atOnce.filter((one) => one.policy === policy.name).map(value);
const groups = SIZES.map((count) => `${count}`);
writeFigure("calls", { seeds, delivery: "200 s ± 30 %", figures, missed }, [
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

async function measure(policy: Policy, count: number, parallel: number): Promise<Figures> {
  const create: Outcome[] = [];
  const preview: Outcome[] = [];
  const destroy: Outcome[] = [];
  // One instance alone is one draw: many runs make up for it.
  const runs = count < 100 ? seeds * 10 : seeds;
  for (let run = 0; run < runs; run += 1)
    await inVirtualTime(async () => {
      const api = startVendor(`bench ${run}`);
      const { made, ...outcome } = await policy.create(api, count, parallel);
      create.push(outcome);
      preview.push(await policy.preview(api, made));
      destroy.push(await policy.destroy(api, made, parallel));
    });
  const late = create.flatMap(({ lateMs }) => lateMs).sort((one, other) => one - other);
  const part = (share: number): number => late[Math.ceil(late.length * share) - 1] ?? Number.NaN;
  const most = (outcomes: readonly Outcome[]): number =>
    Math.max(...outcomes.map(({ calls }) => calls));
  return {
    ...{ policy: policy.name, parallel, instances: count },
    createCalls: most(create),
    previewCalls: most(preview),
    destroyCalls: most(destroy),
    lateMedianMs: part(0.5),
    late99Ms: part(0.99),
    lateMostMs: part(1),
  };
}

function targets(): string[] {
  const mine = figures.filter(
    ({ policy, parallel, instances }) => policy === ours.name && parallel === instances,
  );
  return mine.flatMap((one) => [
    ...over(`calls to create ${one.instances}`, one.createCalls, one.instances + MORE_CALLS),
    ...over(`calls to destroy ${one.instances}`, one.destroyCalls, one.instances + MORE_CALLS),
    ...over(`calls of a preview of ${one.instances}`, one.previewCalls, 1),
    ...over(`ms late at ${one.instances}, median`, one.lateMedianMs, MEDIAN_MS - 1),
    ...over(`ms late at ${one.instances}, 99 %`, one.late99Ms, NEARLY_ALL_MS - 1),
  ]);
}

function over(what: string, value: number, limit: number): string[] {
  return value <= limit ? [] : [`${what}: ${value}, and ${limit} is the limit`];
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
