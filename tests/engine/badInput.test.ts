import { createServer } from "node:net";

import { startEmulator, type Emulator } from "../../emulator";
import { PROGRAMS } from "./programs";
import { PulumiProject, type Files } from "./pulumiProject";

jest.setTimeout(120_000);

const STACK_TRACE = /\s+at .*:\d+:\d+\)?$/m;

let emulator: Emulator;
let project: PulumiProject;

beforeAll(async () => {
  emulator = await startEmulator({ deliverySeconds: 0 });
  project = await PulumiProject.make(PROGRAMS["ESM JavaScript"]);
  await project.succeed("stack", "select", "--create", "test");
});

afterAll(async () => {
  await emulator.close();
  await project.remove();
});

function keysAndUrl({ url, accessKeyId, accessKeySecret }: Emulator): Files {
  return {
    "cds:endpoint": url,
    "cds:accessKeyId": accessKeyId,
    "cds:accessKeySecret": accessKeySecret,
  };
}

const good = (): Files => ({
  ...keysAndUrl(emulator),
  regionId: "CN_Hongkong_A",
  password: "CANARY-password",
});

/** Configuration with one thing wrong, and what the one error must say. */
const cases: readonly (readonly [string, () => Promise<Files>, RegExp])[] = [
  ["no access key", () => without("cds:accessKeyId"), /cds:accessKeyId.*CDS_SECRET_ID/],
  ["no secret key", () => without("cds:accessKeySecret"), /cds:accessKeySecret.*CDS_SECRET_KEY/],
  [
    "a wrong access key",
    () => withChange({ "cds:accessKeyId": "CANARY-wrong-id" }),
    /Check the access key: cds:accessKeyId/,
  ],
  [
    "a wrong secret key",
    () => withChange({ "cds:accessKeySecret": "CANARY-wrong-secret" }),
    /Check the access key: cds:accessKeyId and cds:accessKeySecret/,
  ],
  [
    "a region the vendor doesn't have",
    () => withChange({ regionId: "CN_Atlantis_A" }),
    /regionId CN_Atlantis_A is not a region.*CN_Hongkong_A/,
  ],
  [
    "a size that is not for sale",
    () => withChange({ ramGb: "13" }),
    /ramGb 13 is not for sale in CN_Hongkong_A.*nearest ramGb: 12, 8, 20/,
  ],
  ["an empty name", () => withChange({ instanceName: " " }), /instanceName must not be empty/],
  ["a name too long", () => withChange({ instanceName: "x".repeat(65) }), /instanceName is longer/],
  ["a port out of range", () => withChange({ port: "80" }), /port 80 can't be used: give 1024/],
  ["a reserved port", () => withChange({ port: "9100" }), /port 9100 can't be used/],
  [
    "a duration that is none",
    () => withChange({ createTimeout: "soon" }),
    /customTimeouts\.create of cache is "soon": write/,
  ],
  [
    "an endpoint that nobody serves",
    async () => withChange({ "cds:endpoint": `http://127.0.0.1:${await freePort()}` }),
    /no answer from http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED\. Check cds:endpoint/,
  ],
  [
    "a plain http:// endpoint",
    () => withChange({ "cds:endpoint": "http://cdsapi.capitalonline.net" }),
    /cds:endpoint is http:\/\/cdsapi\.capitalonline\.net: use https:\/\//,
  ],
];

test("a secret under a misspelt argument is named, and its value is not printed", async () => {
  const misspelt = await PulumiProject.make({
    ...PROGRAMS["ESM JavaScript"],
    "index.js": `import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
new cds.RedisInstance("cache", {
  regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", paasGoodsId: 8063,
  password: "a", pasword: pulumi.secret("CANARY-one"), conection: "redis://:CANARY-two@h",
});`,
  });
  try {
    await misspelt.configure(keysAndUrl(emulator), {});
    const { code, output } = await misspelt.run("preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(/pasword is no argument of this resource; it has regionId, /);
    expect(output).not.toContain("CANARY");
  } finally {
    await misspelt.remove();
  }
});

test("a vendor that can't be reached later on is one clear error for each resource, and nothing is forgotten", async () => {
  const gone = await startEmulator({ deliverySeconds: 0 });
  const later = await PulumiProject.make(PROGRAMS["ESM JavaScript"]);
  try {
    const { password = "", ...plain } = { ...good(), ...keysAndUrl(gone) };
    await later.configure(plain, { password });
    await later.succeed("up", "--yes", "--skip-preview");
    await gone.close();
    const before = (await later.exported()).resources.length;
    for (const command of ["refresh", "destroy"]) {
      const { code, output } = await later.run(command, "--yes", "--skip-preview");
      expect(code).not.toBe(0);
      expect(output).toMatch(/no answer from http:.*ECONNREFUSED\. Check cds:endpoint/);
      expect(output).not.toMatch(STACK_TRACE);
      expect((await later.exported()).resources).toHaveLength(before);
    }
  } finally {
    await later.remove();
  }
});

test.each(cases)("%s is one clear error at preview", async (_name, settings, message) => {
  await project.write("Pulumi.test.yaml", "");
  const { password, ...plain } = await settings();
  await project.configure(plain, { password: password ?? "" });
  const { code, output } = await project.run("preview");
  expect(code).not.toBe(0);
  expect(output).toMatch(message);
  // Once in the row and once among the diagnostics.
  expect(output.match(/error: /g)?.length).toBeLessThanOrEqual(2);
  expect(output).not.toMatch(STACK_TRACE);
  expect(output).not.toContain("CANARY");
  expect(emulator.store.instances()).toEqual([]);
});

function withChange(change: Files): Promise<Files> {
  return Promise.resolve({ ...good(), ...change });
}

function without(key: string): Promise<Files> {
  return Promise.resolve(
    Object.fromEntries(Object.entries(good()).filter(([name]) => name !== key)),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
