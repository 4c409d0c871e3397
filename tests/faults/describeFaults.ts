import { cellsOf, killsOf, nameOf, type Inapplicable } from "./cells";
import { rule } from "./expectations";
import type { Operation } from "./operations";
import { callsOf, placeOf, runCell, runKill } from "./runCell";
import type { Billed } from "./scene";

/** Cells that are left out, by their reason. */
function listed(inapplicable: readonly Inapplicable[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of inapplicable) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([reason, count]) => `  ${String(count).padStart(4)} ${reason}\n`)
    .join("");
}

/** The tests of all faults, and of all deaths of a process, at all calls of these operations. */
export function describeFaults(title: string, operations: readonly Operation[]): void {
  const { cells, inapplicable } = cellsOf(operations);
  const kills = killsOf(operations);
  const calls = new Map<Operation, readonly string[]>();
  const leaked: Billed[] = [];
  let ran = 0;
  const onLeak = (lost: readonly Billed[]): void => {
    leaked.push(...lost);
    expect(lost).toEqual([]);
  };

  beforeEach(() => {
    // Pauses between tries are of the middle length.
    jest.spyOn(Math, "random").mockReturnValue(0.5);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  afterAll(() => {
    process.stdout.write(
      `faults at ${title}: ${ran} cells, ${leaked.length} leaked; ${inapplicable.length} inapplicable:\n${listed(inapplicable)}`,
    );
  });

  describe("the calls", () => {
    test.each(operations.map((operation) => [operation.name, operation] as const))(
      "%s sends those that are listed",
      async (_name, operation) => {
        const sent = await callsOf(operation);
        calls.set(operation, sent);
        const counts = operation.phases.map(
          (phase) => placeOf({ operation, phase, which: "1st" }, sent).count,
        );
        for (const [index, phase] of operation.phases.entries()) {
          const count = counts[index] ?? 0;
          const isMany = phase.calls === "many" && count >= 4;
          expect({ phase, count: isMany ? "many" : count }).toEqual({ phase, count: phase.calls });
        }
        // No call but these.
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(sent.length);
      },
    );
  });

  describe("a fault", () => {
    test.each(
      cells.map((cell) => {
        const { kind, when, times } = cell;
        const lasts = times === "always" ? " for ever" : "";
        return [`${nameOf(cell)}, ${kind}${lasts} ${when}: ${rule(cell)}`, cell] as const;
      }),
    )("%s", async (_name, cell) => {
      ran += 1;
      const { call } = placeOf(cell, calls.get(cell.operation) ?? []);
      await runCell(cell, call, onLeak);
    });
  });

  describe("a death", () => {
    test.each(
      kills.map(
        (cell) => [`${nameOf(cell)}, the ${cell.process} dies ${cell.when}`, cell] as const,
      ),
    )("%s: nothing is lost", async (_name, cell) => {
      ran += 1;
      const { call } = placeOf(cell, calls.get(cell.operation) ?? []);
      await runKill(cell, call, onLeak);
    });
  });

  test("a cell that is left out has a reason, and none is both", () => {
    const keys = [...cells, ...inapplicable].map(
      (cell) => `${nameOf(cell)} ${cell.kind} ${cell.when} ${cell.times}`,
    );
    expect(new Set(keys).size).toBe(keys.length);
    for (const { reason } of inapplicable) expect(reason).toMatch(/: /);
  });

  test("nothing leaked in any cell", () => {
    expect(ran).toBe(cells.length + kills.length);
    expect(leaked).toEqual([]);
  });
}
