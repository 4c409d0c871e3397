import { createBackup } from "../../provider/vendor/actions/backups";
import { clientFor, closeVendors, environmentFor, order, runCommand, startVendor } from "./cliRun";

afterEach(closeVendors);

describe("cds-redis instances list", () => {
  test("shows name, status, region, memory, address and id of each", async () => {
    const vendor = await startVendor();
    const cache = await order(vendor, "cache");
    const queue = await order(vendor, "会话", "beijing");
    const { exitCode, out, err } = await runCommand(
      ["instances", "list"],
      environmentFor(vendor.url),
    );
    expect([exitCode, err]).toEqual([0, ""]);
    const [head, first, firstId, second, secondId, ...others] = out.trimEnd().split("\n");
    expect(head).toMatch(/^INSTANCE +STATUS +REGION +MEMORY +ADDRESS$/);
    // A Chinese character takes two columns.
    expect(first).toMatch(/^会话 {6}RUNNING +CN_Beijing_A +8 GB +10\.[\d.]+:9736$/);
    expect(firstId).toMatch(new RegExp(`^  ${queue}  cluster 5\\.0, beijing, \\d{4}-`));
    expect(second).toMatch(/^cache +RUNNING +CN_Hongkong_A +8 GB/);
    expect(secondId).toContain(cache);
    expect(others).toEqual([]);
  });

  test("a name that leaves no room takes a line of its own", async () => {
    const vendor = await startVendor();
    const name = "a-very-long-name-of-an-instance-that-somebody-chose-one-day";
    await order(vendor, name);
    await order(vendor, "cache");
    const { out } = await runCommand(["instances", "list"], environmentFor(vendor.url));
    expect(out.split("\n").slice(0, 3)).toEqual([
      expect.stringMatching(/^INSTANCE {2}STATUS/),
      name,
      expect.stringMatching(/^ {10}RUNNING/),
    ]);
  });

  test("--json has stable fields, of the regions that are asked for", async () => {
    const vendor = await startVendor();
    await order(vendor, "cache");
    const instanceId = await order(vendor, "queue", "beijing");
    const args = ["instances", "list", "--region", "CN_Beijing_A", "--json"];
    const { out } = await runCommand(args, environmentFor(vendor.url));
    expect(JSON.parse(out)).toEqual({
      instances: [
        {
          ...{ instanceId, instanceName: "queue", regionId: "CN_Beijing_A" },
          ...{ vdcId: "vdc-3", vdcName: "beijing", status: "RUNNING", statusText: "运行中" },
          ...{ ip: expect.any(String) as string, port: 9736, ramGb: 8, version: "5.0" },
          ...{ architecture: "cluster", tagNames: [] },
          createdTime: expect.stringMatching(/\+08:00$/) as string,
        },
      ],
    });
  });

  test("says where there are some when a region has none", async () => {
    const vendor = await startVendor();
    const env = environmentFor(vendor.url);
    const none = await runCommand(["instances", "list"], env);
    expect(none).toEqual({ exitCode: 0, out: "", err: "note: the account has no instance.\n" });
    await order(vendor, "cache");
    const args = ["instances", "list", "--region", "CN_X"];
    expect((await runCommand(args, env)).err).toBe(
      "note: the account has no instance in CN_X; there is 1 instance in: CN_Hongkong_A.\n",
    );
    const { out, err } = await runCommand([...args, "--json"], env);
    expect([JSON.parse(out), err]).toEqual([{ instances: [] }, ""]);
  });

  test("names with control characters stay in their line", async () => {
    const vendor = await startVendor();
    await order(vendor, "cache");
    vendor.faults.add({ kind: "control-names", action: "DescribeDBInstances" });
    const { out } = await runCommand(["instances", "list"], environmentFor(vendor.url));
    expect(out).not.toMatch(/[^\P{C}\n]/u);
    // What the vendor says stands in the row's cells and, indented, in its details.
    expect(out).not.toMatch(/^error: forged/m);
    expect(out.split("\n").filter((line) => /^[^ ]/.test(line))).toHaveLength(2);
  });

  test.each(["instances", "networks"])(
    "%s: a refusal is exit code 1, wrong use 2",
    async (command) => {
      const { url } = await startVendor();
      const list = [command, "list", "--json"];
      const refused = await runCommand(list, environmentFor(url, { CDS_SECRET_KEY: "wrong" }));
      expect([refused.exitCode, refused.out]).toEqual([1, ""]);
      expect(refused.err).toMatch(/^error: [^\n]*Check the access key: CDS_SECRET_ID[^\n]*\n$/);
      const wrong = await runCommand(list, environmentFor("ftp://x"));
      expect([wrong.exitCode, wrong.err]).toEqual([
        2,
        expect.stringMatching("^error: CDS_ENDPOINT is "),
      ]);
      const option = await runCommand([...list, "--endpoint", url], environmentFor("ftp://x"));
      expect(option.exitCode).toBe(0);
      expect((await runCommand([...list, "--nonsense"], environmentFor(url))).exitCode).toBe(2);
    },
  );
});

describe("cds-redis networks list", () => {
  test("shows what an order names, by data center", async () => {
    const { url } = await startVendor();
    const args = ["networks", "list", "--region", "CN_Hongkong_A"];
    const { exitCode, out } = await runCommand(args, environmentFor(url));
    expect([exitCode, out]).toEqual([
      0,
      `hongkong in CN_Hongkong_A
  vdcId vdc-1
  NETWORK  STATUS  FREE   BASEPIPEID
  cache    ok      65533  pipe-1
    10.1.0.0/16~10.1.255.255/16
  full     ok      0      pipe-full
    10.9.0.0/30~10.9.0.3/30
    full: an order needs a free address

hongkong-staging in CN_Hongkong_A
  vdcId vdc-2
  NETWORK  STATUS  FREE   BASEPIPEID
  cache    ok      65533  pipe-2
    10.2.0.0/16~10.2.255.255/16
`,
    ]);
  });

  test("--json has stable fields", async () => {
    const { url } = await startVendor();
    const args = ["networks", "list", "--region", "CN_Beijing_A", "--json"];
    const { out } = await runCommand(args, environmentFor(url));
    const network = {
      ...{ basePipeId: "pipe-3", name: "cache", status: "ok", freeAddresses: 65533 },
      segments: ["10.3.0.0/16~10.3.255.255/16"],
    };
    expect(JSON.parse(out)).toEqual({
      vdcs: [
        {
          ...{ regionId: "CN_Beijing_A", vdcId: "vdc-3", vdcName: "beijing" },
          privateNetworks: [network],
        },
      ],
    });
  });

  test("a data center without a network says what to do, and none at all is a note", async () => {
    const vdc = {
      vdcId: "vdc-9",
      vdcName: "empty",
      regionId: "CN_Hongkong_A",
      privateNetworks: [],
    };
    const { url } = await startVendor({ vdcs: [vdc] });
    const { out } = await runCommand(["networks", "list"], environmentFor(url));
    expect(out).toMatch(/vdcId vdc-9\n {2}no private network: make one in the vendor's console\n$/);
    const any = await startVendor({ anyNetwork: true });
    const none = await runCommand(["networks", "list"], environmentFor(any.url));
    expect([none.exitCode, none.err]).toEqual([0, "note: the account has no data center.\n"]);
  });

  test("a key that may not read networks is told so", async () => {
    const vendor = await startVendor();
    vendor.faults.add({ kind: "http-403", action: "DescribeVdc", times: 9 });
    const { exitCode, err } = await runCommand(["networks", "list"], environmentFor(vendor.url));
    expect([exitCode, err]).toEqual([
      1,
      expect.stringMatching("This key may lack the permission for the network API"),
    ]);
    expect(err).not.toContain("Check the access key");
  });
});

describe("cds-redis backups list", () => {
  test("shows the description without the mark, as text and as JSON", async () => {
    const vendor = await startVendor();
    const instanceId = await order(vendor, "cache");
    await createBackup(clientFor(vendor), instanceId, "before 2.0 pulumi-0123456789abcdef", 30_000);
    const args = ["backups", "list", "--instance", "cache"];
    const { out } = await runCommand(args, environmentFor(vendor.url));
    expect(out).toContain("\n  description: before 2.0\n");
    const json = await runCommand([...args, "--json"], environmentFor(vendor.url));
    expect(JSON.parse(json.out)).toEqual({
      ...{ instanceId, instanceName: "cache" },
      backups: [
        {
          backupIds: [expect.any(String), expect.any(String)],
          ...{ description: "before 2.0", mode: "manual", status: "finished", isWhole: true },
          sizeBytes: expect.any(Number) as number,
          startTime: expect.stringMatching(/\+08:00$/) as string,
          endTime: expect.stringMatching(/\+08:00$/) as string,
        },
      ],
    });
    expect(out + json.out).not.toContain("pulumi-");
  });

  test("of an instance without one is a note", async () => {
    const vendor = await startVendor();
    await order(vendor, "cache");
    const args = ["backups", "list", "--instance", "cache"];
    const { exitCode, err } = await runCommand(args, environmentFor(vendor.url));
    expect([exitCode, err]).toEqual([0, "note: cache has no backup.\n"]);
  });
});
