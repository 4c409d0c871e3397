import { join, resolve } from "node:path";

import { startEmulator, type Emulator } from "../../emulator";
import recorded from "../../sdk/catalog.json";
import { describeWithRedis } from "../describeWithRedis";
import { INSTALLED } from "./setUp";
import { PulumiProject, type Files } from "./pulumiProject";

jest.setTimeout(120_000);

const examples = resolve(__dirname, "../../examples");

function isGoods(entry: unknown, paasGoodsId: number): boolean {
  return (entry as { PaasGoodsId?: unknown }).PaasGoodsId === paasGoodsId;
}

async function inExample(
  name: string,
  emulators: readonly Emulator[],
  test: (project: PulumiProject) => Promise<void>,
): Promise<void> {
  const project = await PulumiProject.make(join(examples, name));
  try {
    await test(project);
    await project.succeed("destroy", "--yes", "--skip-preview");
    for (const { store } of emulators) expect(store.instances()).toEqual([]);
  } finally {
    await project.remove();
    for (const emulator of emulators) await emulator.close();
  }
}

function configuration(namespace: string, { url }: Emulator): Files {
  return { [`${namespace}:endpoint`]: url };
}

function keys(namespace: string, { accessKeyId, accessKeySecret }: Emulator): Files {
  return {
    [`${namespace}:accessKeyId`]: accessKeyId,
    [`${namespace}:accessKeySecret`]: accessKeySecret,
  };
}

test("typed-catalog comes up, and what its catalogue lacks is a compile error that names the argument", async () => {
  const emulator = await startEmulator({ deliverySeconds: 0 });
  await inExample("typed-catalog", [emulator], async (project) => {
    await project.configure(
      { ...configuration("cds", emulator), vdcId: "vdc-1", basePipeId: "pipe-1" },
      { ...keys("cds", emulator), password: "a-password" },
    );
    await project.succeed("up", "--yes", "--skip-preview");
    expect(emulator.store.instances()).toMatchObject([{ ramGb: 8, status: "RUNNING" }]);
    expect(JSON.parse(await project.succeed("stack", "output", "--json"))).toMatchObject({
      goods: [8063],
      soldToday: 14,
    });

    const check = await project.start(
      join(process.env[INSTALLED] ?? "", "node_modules/.bin/cds-redis"),
      ["catalog", "--check", "--region", "CN_Hongkong_A", "--endpoint", emulator.url],
      { CDS_SECRET_ID: emulator.accessKeyId, CDS_SECRET_KEY: emulator.accessKeySecret },
    );
    expect(check.output).toContain("catalog.gen.ts is up to date");

    const program = await project.read("index.ts");
    await project.write("index.ts", program.replace("ramGb: 8,", "ramGb: 9,"));
    const { code, output } = await project.run("preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(/index\.ts.*Type '9' is not assignable to type '(?:\d+ \| )+\d+'/);
    await project.write("index.ts", program);
  });
});

test("typed-catalog: a size that compiles but was withdrawn is an error at preview", async () => {
  const withdrawn = JSON.parse(
    JSON.stringify(recorded, (_key, value: unknown) =>
      Array.isArray(value) ? value.filter((entry) => !isGoods(entry, 8063)) : value,
    ),
  ) as typeof recorded;
  const emulator = await startEmulator({ deliverySeconds: 0, catalog: withdrawn });
  await inExample("typed-catalog", [emulator], async (project) => {
    await project.configure(
      { ...configuration("cds", emulator), vdcId: "vdc-1", basePipeId: "pipe-1" },
      { ...keys("cds", emulator), password: "a-password" },
    );
    const { code, output } = await project.run("preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(/ramGb 8 is not for sale in CN_Hongkong_A.*nearest ramGb: 12, 20/);
  });
});

test("multi-account orders in two accounts with the keys of each", async () => {
  const staging = await startEmulator({
    deliverySeconds: 0,
    anyNetwork: true,
    accessKeyId: "STAGING-ID",
    accessKeySecret: "staging-secret",
  });
  const production = await startEmulator({
    deliverySeconds: 0,
    anyNetwork: true,
    accessKeyId: "PRODUCTION-ID",
    accessKeySecret: "production-secret",
  });
  await inExample("multi-account", [staging, production], async (project) => {
    const plain = Object.fromEntries(
      ["staging", "production"].flatMap((account) => [
        [`cds-${account}:regionId`, "CN_Hongkong_A"],
        [`${account}VdcId`, `vdc-${account}`],
        [`${account}BasePipeId`, `pipe-${account}`],
      ]),
    ) as Files;
    await project.configure(
      {
        ...plain,
        ...configuration("cds-staging", staging),
        ...configuration("cds-production", production),
      },
      {
        ...keys("cds-staging", staging),
        ...keys("cds-production", production),
        stagingPassword: "a-password",
        productionPassword: "another-password",
      },
    );
    await project.succeed("up", "--yes", "--skip-preview");
    expect(staging.store.instances()).toMatchObject([{ ramGb: 8, vdcId: "vdc-staging" }]);
    expect(staging.store.backups()).toEqual([]);
    expect(production.store.instances()).toMatchObject([{ ramGb: 32, vdcId: "vdc-production" }]);
    expect(production.store.backups()).not.toEqual([]);
    await project.succeed("preview", "--expect-no-changes");
  });
});

test("scheduled-backups keeps the last seven, and saves the data before it is destroyed", async () => {
  const emulator = await startEmulator({ deliverySeconds: 0, deleteSeconds: 0 });
  await inExample("scheduled-backups", [emulator], async (project) => {
    await project.configure(
      {
        ...configuration("cds", emulator),
        ...{ regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1" },
        ...{ version: "2.8.19", architecture: "read-write-splitting", ramGb: "1" },
      },
      { ...keys("cds", emulator), password: "a-password" },
    );
    for (let day = 1; day <= 9; day += 1) {
      await project.succeed("config", "set", "day", `2026-11-0${day}`);
      await project.succeed("up", "--yes", "--skip-preview");
      expect(emulator.store.backups()).toHaveLength(Math.min(day, 7));
    }
    await project.succeed("up", "--yes", "--skip-preview", "--expect-no-changes");
    expect(JSON.parse(await project.succeed("stack", "output", "--json"))).toMatchObject({
      days: 7,
    });
    const destroyed = await project.succeed("destroy", "--yes", "--skip-preview");
    expect(destroyed).toMatch(/is in \S+\/final-backups\/cache-/);
  });
});

describeWithRedis("cache-with-app", () => {
  test("hands the connection string to an application, which works with it", async () => {
    const emulator = await startEmulator({ deliverySeconds: 0, deleteSeconds: 0, redis: true });
    await inExample("cache-with-app", [emulator], async (project) => {
      await project.configure(
        {
          ...configuration("cds", emulator),
          ...{ regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1" },
          ...{ version: "2.8.19", architecture: "read-write-splitting", ramGb: "1" },
        },
        { ...keys("cds", emulator), password: "canary p@ss:w/ord" },
      );
      await project.succeed("up", "--yes", "--skip-preview");
      for (const times of [1, 2])
        expect(await project.start("node", ["--env-file=app.env", "app.mjs"])).toEqual({
          code: 0,
          output: `started ${times} times\n`,
        });
      await project.succeed("preview", "--expect-no-changes");
      const { text } = await project.exported();
      for (const secret of ["canary p@ss:w/ord", encodeURIComponent("canary p@ss:w/ord")])
        expect(text + project.printed).not.toContain(secret);
    });
  });
});
