import { startEmulator } from "../../emulator";
import { PulumiProject } from "./pulumiProject";

jest.setTimeout(120_000);

const PROGRAM = `import * as cds from "pulumi-cds-redis";
const cache = new cds.RedisInstance("cache", {
  regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", paasGoodsId: 5774, password: "a",
});
const first = new cds.RedisBackup("first", { instanceId: cache.id, description: "first" });
export const before = cds.getBackupsOutput({ instanceId: first.instanceId }).apply((all) => all.length);
const second = new cds.RedisBackup(
  "second",
  { instanceId: cache.id, description: "second" },
  { dependsOn: [first] },
);
export const latest = cds
  .getBackupOutput({ instanceId: second.instanceId, mostRecent: true })
  .apply(({ description }) => description);
export const url = cds
  .getBackupOutput({ instanceId: second.instanceId, mostRecent: true })
  .apply(({ instanceId, entries }) =>
    cds.getBackupDownload({ instanceId, backupId: entries[0].backupId }),
  )
  .apply(({ downloadUrl }) => downloadUrl);
`;

test("a function that waits for a resource sees what it made, and a download's URL stays secret", async () => {
  // One second a backup: the vendor's times are no finer.
  const emulator = await startEmulator({ deliverySeconds: 0, backupSeconds: 1 });
  const project = await PulumiProject.make({
    "Pulumi.yaml": "name: caches\nruntime: nodejs\n",
    "package.json": JSON.stringify({ private: true, type: "module", main: "index.js" }),
    "index.js": PROGRAM,
  });
  try {
    await project.configure(
      { "cds:endpoint": emulator.url, "cds:accessKeyId": emulator.accessKeyId },
      { "cds:accessKeySecret": emulator.accessKeySecret },
    );
    await project.succeed("up", "--yes", "--skip-preview");
    const outputs = JSON.parse(await project.succeed("stack", "output", "--json")) as {
      before: number;
      latest: string;
      url: string;
    };
    expect(outputs).toMatchObject({ before: 1, url: "[secret]" });
    expect(outputs.latest).toBe("second");
    expect(project.printed).not.toContain("token=");
    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(emulator.store.instances()).toEqual([]);
  } finally {
    await project.remove();
    await emulator.close();
  }
});
