import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { promisify } from "node:util";

import { compileCli } from "../compiledCli";

let built: string;

beforeAll(() => {
  built = compileCli();
});
afterAll(() => {
  rmSync(built, { recursive: true, force: true });
});

/** Returns what node prints about a promise that is handled after node has called it unhandled. */
async function handledLate(promise: string): Promise<string> {
  const script = `
    const { getRegions } = require("./provider");
    process.on("unhandledRejection", () => {
      setTimeout(() => late.catch((error) => console.log(error.message)), 1);
    });
    const late = ${promise};`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["-e", script], {
    cwd: built,
    // No key of the environment is read for an account with a name.
    env: { PATH: process.env["PATH"] },
  });
  return stdout + stderr;
}

test("a function's failure that is handled late brings no warning of node's", async () => {
  const failed = 'getRegions({ account: "prod" })';
  for (const promise of [failed, `${failed}.then((regions) => regions.length)`]) {
    const printed = await handledLate(promise);
    expect(printed).toMatch(/^getRegions: no access key: set cds-prod:accessKeyId/);
    expect(printed).not.toContain("Warning");
  }
});

test("node still warns of another promise that is handled late", async () => {
  const others = 'getRegions({ account: "prod" }).catch(() => Promise.reject(new Error("other")))';
  const printed = await handledLate(others);
  expect(printed).toMatch(/^other\n/);
  expect(printed).toContain("PromiseRejectionHandledWarning: Promise rejection was handled");
});
