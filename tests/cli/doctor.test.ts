import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { nodeFinding, pulumiFinding } from "../../cli/doctorMachine";
import { clockFinding, regionFinding } from "../../cli/doctorVendor";
import { proxyVariables, startConnectProxy } from "../provider/vendor/connectProxy";
import { answering, closeRawServers, startRawServer } from "../provider/vendor/rawServer";
import { closeVendors, environmentFor, runCommand, startVendor } from "./cliRun";
import type { Run } from "./captured";

/** Findings by name, each as its status and what it says. */
type Checks = Readonly<Record<string, readonly [status: string, text: string]>>;

const variables = proxyVariables();
let folder: string;

beforeEach(() => {
  variables.set({});
  folder = mkdtempSync(join(tmpdir(), "cds-redis-doctor-"));
  const pulumi = join(folder, "pulumi");
  writeFileSync(pulumi, "#!/bin/sh\necho v3.270.0\n");
  chmodSync(pulumi, 0o755);
});
afterEach(async () => {
  variables.restore();
  rmSync(folder, { recursive: true, force: true });
  await closeRawServers();
  await closeVendors();
});

const environment = (
  url: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => environmentFor(url, { PATH: folder, ...more });

async function doctor(
  url: string,
  more?: Readonly<Record<string, string>>,
): Promise<Run & { checks: Checks }> {
  const run = await runCommand(["doctor", "--json"], environment(url, more));
  const { checks, ok } = JSON.parse(run.out) as {
    readonly ok: boolean;
    readonly checks: readonly Readonly<Record<"name" | "status" | "message" | "remedy", string>>[];
  };
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "Node.js",
      "pulumi",
      "proxy",
      "endpoint",
      "clock",
      "key",
      "region",
      "networks",
    ]),
  );
  expect(checks).toHaveLength(8);
  expect(ok).toBe(checks.every(({ status }) => status !== "failed"));
  expect(run.exitCode).toBe(ok ? 0 : 1);
  const entries = checks.map(({ name, status, message, remedy }) => [
    name,
    [status, `${message} ${remedy}`],
  ]);
  return { ...run, checks: Object.fromEntries(entries) as Checks };
}

test("prints a line for each check, and the remedy of what failed", async () => {
  const { url } = await startVendor();
  const { exitCode, out, err } = await runCommand(
    ["doctor"],
    environment(url, { CDS_REGION: "CN_X" }),
  );
  expect(exitCode).toBe(1);
  expect(err).toMatch(/^error: \d checks? failed: .*region\.\n$/);
  expect(out).toMatch(/^ok +pulumi +v3\.270\.0; supported: \^3\.259\.0$/m);
  expect(out).toMatch(/^ok +proxy +none for 127\.0\.0\.1:\d+, which is this machine$/m);
  expect(out).toMatch(
    /^ok +endpoint +http:\/\/127\.0\.0\.1:\d+ answers as the vendor's API, in \d+\s+ms$/m,
  );
  expect(out).toMatch(/^ok +clock +\d+ s (ahead of|behind) the server's$/m);
  expect(out).toMatch(/^ok +key +accepted; the account has 0 instances$/m);
  expect(out).toMatch(
    /^FAILED +region +CN_X of CDS_REGION is no region of the vendor\n +→ Set it to one of APAC_/m,
  );
  expect(out).toMatch(/^ok +networks +3 data centers, 4 private networks$/m);
});

test("a refused key is named, and what needs it is skipped", async () => {
  const { url } = await startVendor();
  const { checks } = await doctor(url, { CDS_SECRET_KEY: "wrong" });
  expect(checks["key"]).toEqual([
    "failed",
    expect.stringMatching("Check the access key: CDS_SECRET_ID and CDS_SECRET_KEY"),
  ]);
  expect(checks["region"]).toEqual(["skipped", "the key comes first "]);
  expect(checks["networks"]?.[0]).toBe("skipped");
  const none = await doctor(url, { CDS_SECRET_ID: "" });
  expect(none.checks["key"]?.[1]).toMatch("no access key: set CDS_SECRET_ID");
});

test("what is skipped names the check that ended the others, not one that failed before it", async () => {
  const date = new Date(Date.now() + 600_000).toUTCString();
  const answer = answering(400, { Code: "ArgMissing" }, { Date: date });
  const { checks } = await doctor((await startRawServer(answer)).url, { CDS_SECRET_ID: "" });
  expect([checks["clock"]?.[0], checks["key"]?.[0]]).toEqual(["failed", "failed"]);
  expect(checks["region"]).toEqual(["skipped", "the key comes first "]);
});

test("a key that may not read networks is a warning", async () => {
  const vendor = await startVendor();
  vendor.faults.add({ kind: "http-403", action: "DescribeVdc", times: 9 });
  const { checks } = await doctor(vendor.url);
  expect(checks["networks"]).toEqual([
    "warning",
    expect.stringMatching(
      /^DescribeVdc: Forbidden(?!.*access key).* This key may lack the permission for the network API/,
    ),
  ]);
});

test.each([
  [200, "<html>a portal</html>", "Check CDS_ENDPOINT, and whether a proxy answers"],
  [502, "<html>bad gateway</html>", "The vendor's gateway fails: try later"],
])("HTTP %d of something else than the vendor", async (status, body, remedy) => {
  const { url } = await startRawServer(answering(status, body));
  const { checks } = await doctor(url);
  expect(checks["endpoint"]).toEqual([
    "failed",
    expect.stringMatching(`answers HTTP ${status}, and not as .*${remedy}`),
  ]);
  for (const name of ["clock", "key", "region", "networks"])
    expect(checks[name]?.[0]).toBe("skipped");
});

test("a clock that is off", async () => {
  const date = new Date(Date.now() + 600_000).toUTCString();
  const answer = answering(400, { Code: "ArgMissing" }, { Date: date });
  const { checks } = await doctor((await startRawServer(answer)).url);
  expect(checks["clock"]).toEqual([
    "failed",
    expect.stringMatching(/^\d+ s behind the server's Set this machine's clock/),
  ]);
});

test("an emulator that does not run, and an endpoint that is none", async () => {
  const { checks } = await doctor("http://127.0.0.1:1");
  expect(checks["endpoint"]).toEqual([
    "failed",
    expect.stringMatching(/ECONNREFUSED.*Start the emulator/),
  ]);
  const none = await doctor("nowhere");
  expect(none.checks["endpoint"]).toEqual([
    "failed",
    expect.stringMatching('^CDS_ENDPOINT is "nowhere"'),
  ]);
  expect(none.checks["proxy"]?.[0]).toBe("skipped");
});

test("the proxy is named without its login, and its refusal with the remedy", async () => {
  const proxy = await startConnectProxy("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
  const HTTPS_PROXY = `http://canary-user:canary-pass@127.0.0.1:${proxy.port}`;
  variables.set({ HTTPS_PROXY });
  const { checks } = await doctor("https://cds.invalid", { HTTPS_PROXY });
  await proxy.close();
  expect(checks["proxy"]).toEqual([
    "ok",
    `http://127.0.0.1:${proxy.port} for cds.invalid, by HTTPS_PROXY, with a login `,
  ]);
  expect(checks["endpoint"]).toEqual([
    "failed",
    expect.stringMatching(/refused its login \(407\)\. Give the login in HTTPS_PROXY/),
  ]);
});

test("a proxy that can't be used is the proxy's failure", async () => {
  const { checks } = await doctor("https://cds.invalid", { ALL_PROXY: "socks5://127.0.0.1:1" });
  expect(checks["proxy"]).toEqual(["failed", expect.stringMatching("names a socks5:// proxy")]);
  expect(checks["endpoint"]).toEqual(["skipped", "the proxy comes first "]);
});

test("without Pulumi in PATH it says where to get it", async () => {
  const { url } = await startVendor();
  const { checks } = await doctor(url, { PATH: join(folder, "none") });
  expect(checks["pulumi"]).toEqual([
    "failed",
    expect.stringMatching("not in PATH.*pulumi.com/docs/install"),
  ]);
});

test.each([
  ["22.12.0", "ok"],
  ["24.1.0", "ok"],
  ["22.11.9", "failed"],
  ["20.20.2", "failed"],
])("Node.js %s is %s", (version, status) => {
  expect(nodeFinding(version, ">=22.12").status).toBe(status);
});

test.each([
  ["v3.259.0", "ok"],
  ["3.270.1", "ok"],
  ["v3.258.9", "failed"],
  ["v4.0.0", "failed"],
  ["v3.260.0-alpha.1", "ok"],
  ["development", "warning"],
])("Pulumi %s is %s", (version, status) => {
  expect(pulumiFinding(version, "^3.259.0").status).toBe(status);
});

test.each([
  [60_000, "ok"],
  [-60_000, "ok"],
  [61_000, "failed"],
  [-61_000, "failed"],
  [undefined, "warning"],
])("a clock that is %s ms ahead is %s", (aheadMs, status) => {
  expect(clockFinding(aheadMs).status).toBe(status);
});

test("a region that sells nothing now is told apart from an unknown one", () => {
  const region = { regionName: "", siteName: "", cityId: "", cityName: "" };
  const regions = [
    { ...region, regionId: "CN_A", forSale: true },
    { ...region, regionId: "CN_B", forSale: false },
  ];
  expect(regionFinding("CN_A", regions).status).toBe("ok");
  expect(regionFinding("", regions).status).toBe("ok");
  expect(regionFinding("CN_B", regions)).toMatchObject({
    ...{ status: "failed", message: "CN_B of CDS_REGION sells nothing at present" },
    remedy: "Set it to one of CN_A.",
  });
});
