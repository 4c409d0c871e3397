import fc from "fast-check";

import { isListKind } from "../../emulator/faults/faultKinds";
import { inVirtualTime } from "../virtualTime";
import { Coverage } from "./coverage";
import { end } from "./ending";
import { history, type History } from "./history";
import { isDenied } from "./judge";
import { World } from "./world";

/** How many test files share the histories. */
const FILES = 4;
const HISTORIES = Number(process.env["HISTORIES"] ?? 10_000);

const START = Date.parse("2026-11-21T08:30:00Z");

/** The jitter of pauses must not make a history go otherwise when it is told again. */
function repeatable(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Lives through one history, its end included; throws what is wrong. */
export async function live(told: History, coverage: Coverage): Promise<void> {
  await inVirtualTime(async () => {
    jest.setSystemTime(START);
    const random = jest.spyOn(Math, "random").mockImplementation(repeatable());
    const world = new World(told, coverage);
    try {
      for (const step of told.steps) await world.perform(step);
      await end(world);
    } finally {
      random.mockRestore();
      coverage.histories += 1;
      coverage.calls += world.vendor.calls.length;
      coverage.kills += world.vendor.deaths;
      const { hits } = world.vendor.api.faults;
      coverage.faults += hits.length;
      coverage.lists += hits.filter(({ kind }) => isListKind(kind)).length;
      coverage.denials += world.vendor.calls.filter(isDenied).length;
      const warnings = world.sides.flatMap(({ warned }) => warned);
      coverage.adoptions += warnings.filter((text) => text.includes("took over")).length;
    }
  });
}

/** Every run tries the same histories, so that it can be repeated. `HISTORIES_SEED` gives a seed, or `random`. */
function seedOf(part: number): number {
  const { HISTORIES_SEED: given = "" } = process.env;
  if (given === "random") return Math.trunc(Math.random() * 2 ** 31);
  return given === "" ? part : Number(given);
}

/** A failure tells the seed, the path to it, and the shortest history found. */
async function liveThroughShare(part: number, coverage: Coverage): Promise<void> {
  const { HISTORIES_PATH: path } = process.env;
  await fc.assert(
    fc.asyncProperty(history, (told) => live(told, coverage)),
    {
      numRuns: Math.ceil(HISTORIES / FILES),
      seed: seedOf(part),
      ...(path === undefined ? {} : { path }),
    },
  );
}

/** A busy machine may take many times the five minutes of a quiet one. */
const LIMIT_MS = 40 * 60_000;

/** The share of one test file; jest gives each file to one of its workers. */
export function testShare(part: number): void {
  const coverage = new Coverage();
  const started = performance.now();
  let failed = 1;

  test(
    "no history breaks an invariant",
    async () => {
      await liveThroughShare(part, coverage);
      failed = 0;
      expect(coverage.seldomMet()).toEqual([]);
    },
    LIMIT_MS,
  );

  afterAll(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(
      `histories: ${coverage.histories}, ${failed} failed, ${seconds} s (${coverage.summary()})\n`,
    );
  });
}
