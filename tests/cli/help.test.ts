import { Readable } from "node:stream";

import type { Command } from "commander";

import { buildProgram } from "../../cli/program";
import { columnsOf } from "../../cli/table";
import { captured } from "./captured";

/** Every command as the words that name it. */
function commandsBelow(command: Command, words: readonly string[] = []): string[][] {
  const below = command.commands.flatMap((one) => commandsBelow(one, [...words, one.name()]));
  return [[...words], ...below];
}

const COMMANDS = commandsBelow(
  buildProgram({
    out: () => undefined,
    err: () => undefined,
    input: () => Readable.from([]),
    env: {},
    untilStopped: () => Promise.resolve(),
  }),
);
const hasSubcommands = (words: readonly string[]): boolean =>
  COMMANDS.some(
    (other) => other.length > words.length && words.every((word, at) => other[at] === word),
  );

test.each(COMMANDS.map((words) => [words.join(" "), words] as const))(
  "the help of %j fits 80 columns",
  async (_, words) => {
    const { exitCode, out, err } = await captured([...words, "--help"], {});
    expect([exitCode, err]).toEqual([0, ""]);
    for (const line of out.split("\n")) expect([line, columnsOf(line) <= 80]).toEqual([line, true]);
  },
);

test.each(
  COMMANDS.filter((words) => !hasSubcommands(words)).map(
    (words) => [words.join(" "), words] as const,
  ),
)("the help of %j tells the exit codes and has an example", async (name, words) => {
  const { out } = await captured([...words, "--help"], {});
  expect(out).toContain("Exit codes: 0 ");
  expect(out).toMatch(new RegExp(`^(  |Example: ).*cds-redis ${name}`, "m"));
});

test("a wide terminal changes no help", async () => {
  const { isTTY, columns } = process.stdout;
  Object.assign(process.stdout, { isTTY: true, columns: 200 });
  const { out } = await captured(["adopt", "--help"], {});
  Object.assign(process.stdout, { isTTY, columns });
  for (const line of out.split("\n")) expect(columnsOf(line)).toBeLessThanOrEqual(80);
});
