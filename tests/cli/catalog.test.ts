import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startEmulator, type Emulator } from "../../emulator";
import { readCatalog } from "../../sdk/readCatalog";
import { wireAnswers, wireRegion, type Sold } from "../sdk/vendorAnswers";
import { ENV, KEY, runCatalog } from "./runCatalog";
import type { Run } from "./captured";

const CLUSTER: Sold = {
  sizes: [
    [8, 8063],
    [12, 8069],
  ],
};
const RESIZED: Sold = {
  sizes: [
    [12, 8069],
    [20, 8075],
    [32, 8081],
  ],
};
const REGIONS: Readonly<Record<string, readonly Sold[]>> = {
  CN_Hongkong_A: [CLUSTER],
  CN_Beijing_A: [{ architecture: "主从", computeRole: "通用型", sizes: [[1, 12467]] }],
  CN_Wuxi_A: [],
  APAC_Tokyo_A: [CLUSTER],
  APAC_Seoul_A: [CLUSTER],
  US_Dallas_A: [CLUSTER],
};

let folder: string;
let out: string;
const running: Emulator[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-cli-"));
  out = join(folder, "catalog.gen.ts");
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const emulator of running.splice(0)) await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A vendor with these regions, a region without an id and a region that is not for sale. */
async function vendor(regions = REGIONS): Promise<Emulator> {
  const answers = wireAnswers(regions);
  const emulator = await startEmulator({
    accessKeyId: KEY.id,
    accessKeySecret: KEY.secret,
    catalog: {
      ...answers,
      regions: [...answers.regions, wireRegion(""), wireRegion("EUR_Germany_A", 0)],
    },
  });
  running.push(emulator);
  return emulator;
}

/** Gives this answer to the call about one region. */
function refuse(emulator: Emulator, regionId: string, status: number, body: string): void {
  const handle = emulator.api.handle.bind(emulator.api);
  jest.spyOn(emulator.api, "handle").mockImplementation((request) => {
    const isRefused = request.url.includes(`RegionId=${regionId}`);
    return isRefused ? { status, headers: {}, body } : handle(request);
  });
}

const run = (flags: readonly string[], env = ENV): Promise<Run> =>
  runCatalog(["--out", out, ...flags], env);
const read = (): string => readFileSync(out, "utf8");

describe("the live catalogue", () => {
  test("is written for all regions for sale, with progress", async () => {
    const { url } = await vendor();
    const { exitCode, out: said, err } = await run(["--endpoint", url]);
    expect([exitCode, said]).toEqual([0, `wrote ${out}: 9 sizes in 5 regions\n`]);
    const catalog = readCatalog(read());
    expect(Object.keys(catalog?.offers ?? {})).toEqual([
      "APAC_Seoul_A",
      "APAC_Tokyo_A",
      "CN_Beijing_A",
      "CN_Hongkong_A",
      "US_Dallas_A",
    ]);
    expect(Object.keys(catalog?.regions ?? {})).toEqual(Object.keys(REGIONS).sort());
    const lines = err.split("\n");
    expect(lines).toHaveLength(8);
    expect(err).toMatch(/^CN_Hongkong_A: 2 sizes \(\d of 6\)$/m);
    expect(err).toMatch(/^CN_Beijing_A: 1 size \(\d of 6\)$/m);
    expect(err).toMatch(/^CN_Wuxi_A: sells nothing \(\d of 6\)$/m);
    expect(lines.map((line) => /\((\d) of 6\)$/.exec(line)?.[1]).filter(Boolean)).toEqual([
      ...["1", "2", "3", "4", "5", "6"],
    ]);
    expect(err).toContain("note: CN_Wuxi_A sells nothing at present");
  });

  test("is asked once for each named region, and for no other", async () => {
    const { url, requests } = await vendor();
    const flags = ["--region", "CN_Hongkong_A", "--region", "CN_Beijing_A", "CN_Hongkong_A"];
    expect(await run(["--endpoint", url, ...flags])).toMatchObject({ exitCode: 0 });
    expect(requests.map(({ action }) => action)).toEqual([
      "DescribeRegins",
      "DescribeAvailableDBConfig",
      "DescribeAvailableDBConfig",
    ]);
    expect(Object.keys(readCatalog(read())?.offers ?? {})).toEqual([
      "CN_Beijing_A",
      "CN_Hongkong_A",
    ]);
  });

  test("is compared with the file: the command says what changed, or that nothing did", async () => {
    const [{ url }, later] = [await vendor(), await vendor({ ...REGIONS, CN_Beijing_A: [] })];
    await run(["--endpoint", url]);
    expect((await run(["--endpoint", url])).out).toBe(
      `${out} is up to date: 9 sizes in 5 regions\n`,
    );
    expect((await run(["--endpoint", later.url])).out).toBe(
      "no longer recorded region: CN_Beijing_A, 1 size before; it sells nothing, or was not asked\n" +
        `wrote ${out}: 8 sizes in 4 regions\n`,
    );
  });

  test.each(["EUR_Germany_A", "CN_Nowhere", ""])(
    "is refused for %j, which is not for sale, with the regions that are",
    async (region) => {
      const { url } = await vendor();
      const { exitCode, err } = await run(["--endpoint", url, "--region", region]);
      expect(exitCode).toBe(2);
      expect(err).toBe(
        `error: not for sale, withdrawn or misspelt: "${region}". For sale: ${Object.keys(REGIONS).sort().join(", ")}.\n`,
      );
    },
  );

  test("is an error when no region sells anything", async () => {
    const { url } = await vendor({ CN_Wuxi_A: [] });
    const { exitCode, err } = await run(["--endpoint", url]);
    expect([exitCode, readdirSync(folder)]).toEqual([1, []]);
    expect(err).toMatch(/^error: the catalogue is empty.*Nothing was written\.$/m);
  });
});

describe("a vendor that fails leaves the file as it was", () => {
  const error = (code: string): string => JSON.stringify({ Code: code, Message: "no\nway" });
  test.each([
    ["an error answer", 400, error("InvalidParameter"), "InvalidParameter (HTTP 400): no way"],
    ["a key that is quoted", 400, error(KEY.secret), "[secret] (HTTP 400)"],
    ["a refusal", 403, "<html>", "Check the access key: CDS_SECRET_ID and CDS_SECRET_KEY"],
  ])("with %s for one region of many", async (_what, status, body, reason) => {
    const emulator = await vendor();
    await run(["--endpoint", emulator.url, "--region", "CN_Hongkong_A"]);
    const before = read();
    refuse(emulator, "CN_Beijing_A", status, body);
    const { exitCode, out: said, err } = await run(["--endpoint", emulator.url]);
    expect([exitCode, said, read()]).toEqual([1, "", before]);
    expect(err).toContain("CN_Beijing_A: failed, DescribeAvailableDBConfig: ");
    expect(err).toContain(reason);
    expect(err).toMatch(
      /\nerror: 1 of 6 regions could not be read: CN_Beijing_A\. Nothing was written\..*\n$/,
    );
    expect(err).not.toContain("cds:");
  });

  test("when it refuses the key", async () => {
    const { url } = await vendor();
    const { exitCode, err } = await run(["--endpoint", url], { ...ENV, CDS_SECRET_KEY: "other" });
    expect([exitCode, readdirSync(folder)]).toEqual([1, []]);
    expect(err).toMatch(/^error: DescribeRegins: .* CDS_SECRET_ID and CDS_SECRET_KEY.*\n$/);
    expect(err).not.toContain("cds:");
  });
});

describe("--check", () => {
  async function check(regions = REGIONS, formatter = (text: string): string => text) {
    await run(["--endpoint", (await vendor()).url]);
    const text = formatter(read());
    writeFileSync(out, text);
    const { url } = await vendor(regions);
    const result = await run(["--endpoint", url, "--check"]);
    expect([read(), readdirSync(folder)]).toEqual([text, ["catalog.gen.ts"]]);
    return result;
  }

  test.each<[string, (text: string) => string]>([
    ["as written", (text) => text],
    ["formatted by other rules", (text) => text.replaceAll('"', "'").replaceAll("  ", "\t")],
  ])("passes a file that is up to date, %s", async (_how, formatter) => {
    expect(await check(REGIONS, formatter)).toMatchObject({
      exitCode: 0,
      out: `${out} is up to date\n`,
    });
  });

  test.each<[string, typeof REGIONS, string]>([
    [
      "new and withdrawn sizes",
      { ...REGIONS, CN_Hongkong_A: [RESIZED] },
      "new sizes in CN_Hongkong_A: 5.0 cluster high-io 20, 32 GB\n" +
        "withdrawn size in CN_Hongkong_A: 5.0 cluster high-io 8 GB\n",
    ],
    [
      "a withdrawn region",
      Object.fromEntries(Object.entries(REGIONS).filter(([id]) => id !== "US_Dallas_A")),
      "withdrawn region: US_Dallas_A, 2 sizes\n",
    ],
  ])("fails a stale file and names %s", async (_what, regions, changes) => {
    const { exitCode, out: said, err } = await check(regions);
    expect([exitCode, said]).toEqual([1, changes]);
    expect(err).toMatch(/^error: .*catalog\.gen\.ts is stale: \d changes?\. Run .*$/m);
  });
});
