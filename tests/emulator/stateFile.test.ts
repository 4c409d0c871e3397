import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../../emulator";
import { readStateFile, writeStateFile } from "../../emulator/stateFile";
import { formatTimestamp, signedQuery } from "../../provider/vendor/signer";
import { CLUSTER, ORDER, VirtualEmulator } from "./virtualEmulator";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-emulator-"));
  file = join(folder, "state.json");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An emulator that keeps its state in the file, as `startEmulator` connects it. */
function restarted(now?: number, seed: string | number = 1): VirtualEmulator {
  const emulator = new VirtualEmulator(
    { seed },
    {
      snapshot: readStateFile(file),
      onChange: (snapshot) => {
        writeStateFile(file, snapshot);
      },
    },
  );
  emulator.now = now ?? emulator.now;
  return emulator;
}

describe("a state file", () => {
  test("what is under way goes on over a restart", () => {
    const first = restarted();
    const running = first.runningInstance({ PaasGoodsId: CLUSTER });
    first.call("CreateBackup", { InstanceUuid: running, Desc: "all" });
    first.call("CreateDBInstance", { ...ORDER, InstanceName: "second" });
    const second = restarted(first.now);
    expect(second.store.instances()).toEqual(first.store.instances());
    expect(second.store.backups()).toEqual(first.store.backups());
    expect(second.store.instances().map(({ status }) => status)).toEqual(["RUNNING", "CREATING"]);
    second.pass(100);
    second.call("DeleteDBInstance", { InstanceUuid: running });
    const third = restarted(second.now + 10_000);
    expect(third.store.instances()).toMatchObject([{ instanceName: "second", status: "RUNNING" }]);
    expect(third.store.backups()).toEqual([]);
  });

  test("the same seed gives no id twice over a restart", () => {
    const first = restarted();
    const one = first.runningInstance();
    const two = restarted(first.now).runningInstance();
    expect(two).not.toBe(one);
    expect(restarted(first.now).store.instances()).toHaveLength(2);
  });

  test("changes behind Pulumi's back are kept too", () => {
    const first = restarted();
    const uuid = first.runningInstance();
    first.store.changeInstance(uuid, { ramGb: 2, status: "ERROR" });
    expect(restarted(first.now).store.instances()).toMatchObject([{ ramGb: 2, status: "ERROR" }]);
    first.store.removeInstance(uuid);
    expect(restarted(first.now).store.instances()).toEqual([]);
  });

  test("it is replaced as a whole: nothing else stays in the folder", () => {
    restarted().runningInstance();
    expect(readdirSync(folder)).toEqual(["state.json"]);
  });

  test.each([
    ["text", "not JSON", "is not JSON"],
    ["half a file", '{"format":"cds-redis-emulator-state-1","instan', "is not JSON"],
    ["another program's file", '{"version":3}', "is not the emulator's: "],
    [
      "a later format",
      '{"format":"cds-redis-emulator-state-2","drawn":0,"instances":[],"backups":[]}',
      "format: ",
    ],
    [
      "a backup of nothing",
      JSON.stringify({
        format: "cds-redis-emulator-state-1",
        drawn: 0,
        instances: [],
        backups: [
          {
            backupId: "b",
            instanceUuid: "i",
            shardId: "",
            description: "",
            startedAt: 0,
            finishedAt: 0,
          },
        ],
      }),
      "backups.0.instanceUuid: names no instance",
    ],
  ])("%s is refused by name, and left as it is", async (_what, content, reason) => {
    writeFileSync(file, content);
    const start = startEmulator({ stateFile: file });
    await expect(start).rejects.toThrow(reason);
    await expect(start).rejects.toThrow(file);
    await expect(start).rejects.toThrow("name another state file");
    expect(readFileSync(file, "utf8")).toBe(content);
  });

  test("one that can't be written is found at the start", async () => {
    const stateFile = join(folder, "missing", "state.json");
    await expect(startEmulator({ stateFile })).rejects.toThrow("can't be written");
  });

  test("is made at the start, readable by its owner alone", async () => {
    const emulator = await startEmulator({ stateFile: file });
    await emulator.close();
    expect(existsSync(file)).toBe(true);
    expect(readStateFile(file)).toEqual({ drawn: 0, instances: [], backups: [] });
  });

  test("a write that fails answers InternalError, says why in the log, and the server goes on", async () => {
    const lines: string[] = [];
    const emulator = await startEmulator({ stateFile: file, log: (line) => lines.push(line) });
    try {
      rmSync(folder, { recursive: true });
      const timestamp = formatTimestamp(Date.now());
      const query = signedQuery(
        { action: "CreateDBInstance", method: "POST", params: {}, nonce: "1", timestamp },
        emulator.api.credentials,
      );
      const answer = await fetch(`${emulator.url}/redis/?${query}`, {
        method: "POST",
        body: JSON.stringify(ORDER),
      });
      expect(answer.status).toBe(500);
      expect(await answer.json()).toMatchObject({ Code: "InternalError" });
      expect(lines.join()).toContain(file);
      expect((await fetch(`${emulator.url}/`)).status).toBe(404);
    } finally {
      await emulator.close();
    }
  });
});
