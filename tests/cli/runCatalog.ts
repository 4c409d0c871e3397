import { captured, type Run } from "./captured";

/** No output may hold these texts. */
export const KEY = { id: "canary-access-key-id", secret: "canary-access-key-secret" };
export const ENV: Readonly<Record<string, string>> = {
  CDS_SECRET_ID: KEY.id,
  CDS_SECRET_KEY: KEY.secret,
};

/** Runs `cds-redis catalog`. Fails when the output holds a canary, or an error takes more than a line. */
export async function runCatalog(flags: readonly string[], env = ENV): Promise<Run> {
  const run = await captured(["catalog", ...flags], env);
  expect(run.out + run.err).not.toContain("canary");
  if (run.exitCode !== 0) expect(run.err).toMatch(/(^|\n)error: [^\n]+\n$/);
  return run;
}
