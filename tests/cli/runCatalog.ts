import { Readable } from "node:stream";
import { runCli } from "../../cli/program";

/** No output may hold these texts. */
export const KEY = { id: "canary-access-key-id", secret: "canary-access-key-secret" };
export const ENV: Readonly<Record<string, string>> = {
  CDS_SECRET_ID: KEY.id,
  CDS_SECRET_KEY: KEY.secret,
};

export interface Run {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `cds-redis catalog`. Fails when the output holds a canary, or an error takes more than a line. */
export async function runCatalog(flags: readonly string[], env = ENV): Promise<Run> {
  const printed = { out: "", err: "" };
  const exitCode = await runCli(["catalog", ...flags], {
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    env,
    untilStopped: () => Promise.resolve(),
    input: () => Readable.from([]),
  });
  expect(printed.out + printed.err).not.toContain("canary");
  if (exitCode !== 0) expect(printed.err).toMatch(/(^|\n)error: [^\n]+\n$/);
  return { exitCode, ...printed };
}
