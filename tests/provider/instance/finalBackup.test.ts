import { deleteInstance } from "../../../provider/vendor/actions/instances";
import { BackupDownloadError } from "../../../provider/vendor/errors";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { CLUSTER, SINGLE, withInstance } from "../backups";
import { count, elapsed, MINUTE } from "../observed";
import {
  answerInstead,
  answerQueryInstead,
  failureOf,
  instanceLife,
  jsonAnswer,
  order,
  type Bag,
} from "../orders";

const TIME = String.raw`\d{8}T\d{6}`;
/** As the vendor tells an instance whose delivery failed. */
const UNDELIVERED = { status: "ERROR", ip: "" };

/** A vendor with one running instance as the state holds it. */
async function withState(
  finalBackup: unknown,
  shape: Bag = SINGLE,
): Promise<{ vendor: EmulatedVendor; instanceId: string; outs: Bag }> {
  const { vendor, instanceId } = await withInstance(shape);
  const life = instanceLife(vendor.host());
  const { props } = await life.read(instanceId, order({ ...shape, finalBackup }));
  return { vendor, instanceId, outs: { ...props, instanceName: instanceNameOf(vendor) } };
}

function instanceNameOf(vendor: EmulatedVendor): string {
  return vendor.api.store.instances()[0]?.instanceName ?? "";
}

async function remove(vendor: EmulatedVendor, id: string, outs: Bag): Promise<void> {
  await instanceLife(vendor.host()).delete(id, outs);
}

describe("before an instance with a finalBackup is deleted", () => {
  test.each([
    ["one file", SINGLE, 1],
    ["a file for each shard", CLUSTER, 5],
  ])("a backup is taken, finished and downloaded: %s", (_name, shape, files) =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true, shape);
      await remove(vendor, instanceId, outs);
      expect(vendor.api.store.instances()).toEqual([]);
      expect(vendor.fetches).toHaveLength(1);
      const [fetch] = vendor.fetches;
      expect(fetch?.entries).toHaveLength(files);
      expect(fetch?.intranet).toBe(false);
      expect(fetch?.folder).toMatch(
        new RegExp(`^${process.cwd()}/cds-final-backups/${String(outs["instanceName"])}-${TIME}$`),
      );
      expect(vendor.warnings.join()).toContain(String(fetch?.folder));
      const actions = vendor.actions();
      expect(actions.indexOf("DeleteDBInstance")).toBeGreaterThan(
        actions.lastIndexOf("DownloadBackup"),
      );
      expect(count(vendor, "CreateBackup")).toBe(1);
    }),
  );

  test("the folder is the one that is wished, and the intranet is used where it is", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState({
        folder: "/safe/place",
        intranet: true,
      });
      await remove(vendor, instanceId, outs);
      expect(vendor.fetches[0]?.folder).toMatch(new RegExp(`^/safe/place/.*-${TIME}$`));
      expect(vendor.fetches[0]?.intranet).toBe(true);
    }));

  test("nothing is taken where none is wished", () =>
    inVirtualTime(async () => {
      for (const finalBackup of [undefined, false]) {
        const { vendor, instanceId, outs } = await withState(finalBackup);
        await remove(vendor, instanceId, outs);
        expect(count(vendor, "CreateBackup")).toBe(0);
      }
    }));

  test("a replacement follows what the program says by now", () =>
    inVirtualTime(async () => {
      for (const [before, now, taken] of [
        [undefined, true, 1],
        [true, undefined, 0],
      ] as const) {
        const { vendor, instanceId, outs } = await withState(before);
        const life = instanceLife(vendor.host());
        const news = await life.inputs(order({ ...SINGLE, finalBackup: now, port: 7000 }));
        const { replaces } = await life.diff(outs, news, instanceId);
        expect(replaces).toContain("port");
        await life.delete(instanceId, outs);
        expect(count(vendor, "CreateBackup")).toBe(taken);
      }
    }));

  test("pulumi up --replace, which asks for no diff, follows the program as well", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(undefined);
      const life = instanceLife(vendor.host());
      await life.inputs(order({ finalBackup: true }));
      await life.delete(instanceId, outs);
      expect(count(vendor, "CreateBackup")).toBe(1);
      expect(vendor.fetches).toHaveLength(1);
    }));

  test("the run after a replacement whose final backup failed takes it, too", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(undefined);
      vendor.faults.add({ kind: "http-403", action: "CreateBackup" });
      const news = order({ ...SINGLE, finalBackup: true, port: 7000 });
      const replacing = instanceLife(vendor.host());
      await replacing.diff(outs, await replacing.inputs(news), instanceId);
      await failureOf(replacing.delete(instanceId, outs));
      // The engine asks about the new instance, and then deletes the old one.
      const later = instanceLife(vendor.host());
      await later.diff(news, await later.inputs(news), "the new one");
      await later.delete(instanceId, outs);
      expect(vendor.fetches).toHaveLength(1);
    }));

  test.each<[string, (vendor: EmulatedVendor) => void, RegExp]>([
    [
      "the vendor refuses the backup",
      ({ faults }) => {
        faults.add({ kind: "http-403", action: "CreateBackup" });
      },
      /CreateBackup/,
    ],
    [
      "the instance is busy for ever",
      ({ faults }) => {
        faults.add({ kind: "http-409", action: "CreateBackup", times: "always" });
      },
      /ResourceInUse/,
    ],
    [
      "the backup says that it failed",
      ({ faults }) => {
        faults.add({ kind: "failed-status", action: "DescribeBackups", times: "always" });
      },
      /says failed.*stays at the vendor/,
    ],
    [
      "the download is refused",
      ({ faults }) => {
        faults.add({ kind: "http-403", action: "DownloadBackup", times: "always" });
      },
      /DownloadBackup.*stays at the vendor/,
    ],
  ])("it is not deleted when %s, and the error says how to go on", (_name, arrange, reason) =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      arrange(vendor);
      const message = String(await failureOf(remove(vendor, instanceId, outs)));
      expect(message).toMatch(reason);
      expect(message).toContain("is not deleted, since its final backup failed");
      expect(message).toContain(`CDS_SKIP_FINAL_BACKUP=${String(outs["instanceName"])}`);
      // That would replace the instance.
      expect(message).not.toContain("--replace");
      expect(count(vendor, "DeleteDBInstance")).toBe(0);
      vendor.faults.clear();
      await remove(vendor, instanceId, outs);
      expect(vendor.api.store.instances()).toEqual([]);
      expect(vendor.fetches).toHaveLength(1);
    }),
  );

  test.each(["the name", "the id", "all"])("CDS_SKIP_FINAL_BACKUP skips it by %s", (by) =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      vendor.faults.add({ kind: "http-403", action: "CreateBackup", times: "always" });
      const words = { "the name": String(outs["instanceName"]), "the id": instanceId, all: "all" };
      const environment = { CDS_SKIP_FINAL_BACKUP: `other, ${words[by as keyof typeof words]}` };
      await instanceLife(vendor.host({}, vendor.stack, environment)).delete(instanceId, outs);
      expect(vendor.api.store.instances()).toEqual([]);
      expect(vendor.warnings.join()).toContain("without its final backup");
    }),
  );

  test("a CDS_SKIP_FINAL_BACKUP that names another is told as such", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      vendor.faults.add({ kind: "http-403", action: "CreateBackup", times: "always" });
      const host = vendor.host({}, vendor.stack, { CDS_SKIP_FINAL_BACKUP: "cache,, cache-2," });
      const error = await failureOf(instanceLife(host).delete(instanceId, outs));
      expect(String(error)).toContain("(which names cache, cache-2 now)");
      expect(vendor.api.store.instances()).toHaveLength(1);
    }));

  test("one that is gone already, or was never ready, holds nothing up", () =>
    inVirtualTime(async () => {
      const gone = await withState(true);
      gone.vendor.api.store.removeInstance(gone.instanceId);
      await remove(gone.vendor, gone.instanceId, gone.outs);
      expect(gone.vendor.warnings.join()).toMatch(/ is gone: .*no delete was sent/);
      const never = await withState(true);
      never.vendor.api.store.changeInstance(never.instanceId, UNDELIVERED);
      const neverReady = { ...never.outs, __delivered: undefined, status: undefined };
      await remove(never.vendor, never.instanceId, neverReady);
      expect(gone.vendor.api.store.instances()).toEqual([]);
      expect(count(gone.vendor, "DeleteDBInstance")).toBe(0);
      expect(never.vendor.api.store.instances()).toEqual([]);
      expect(count(never.vendor, "CreateBackup")).toBe(0);
    }));

  test("an unclear answer is told without a promise: no other run takes that backup over", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      vendor.faults.add({ kind: "hang", action: "CreateBackup", when: "before" });
      const message = String(await failureOf(remove(vendor, instanceId, outs)));
      expect(message).toContain("If the mark appears, delete the backup in the console");
      expect(count(vendor, "DeleteDBInstance")).toBe(0);
    }));

  test("one that the lists lack is backed up by its id, and only then deleted", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      vendor.faults.add({ kind: "empty-list", action: "DescribeDBInstances", times: 3 });
      await remove(vendor, instanceId, outs);
      expect(vendor.fetches).toHaveLength(1);
      expect(count(vendor, "DeleteDBInstance")).toBe(1);
    }));

  test("a 404 that is not the vendor's word for the id deletes nothing and keeps the state", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      answerInstead(vendor.api, "CreateBackup", () => jsonAnswer(404, { Code: "NotFound" }));
      const message = String(await failureOf(remove(vendor, instanceId, outs)));
      expect(message).toContain("CDS_SKIP_FINAL_BACKUP");
      expect(count(vendor, "DeleteDBInstance")).toBe(0);
    }));

  test.each<[string, (vendor: EmulatedVendor) => void]>([
    ["finds it", () => undefined],
    [
      "fails",
      ({ api }) => {
        answerQueryInstead(api, () => jsonAnswer(403, { Code: "No", Data: [] }));
      },
    ],
  ])(
    "the vendor's word that it has no such instance is no proof where a query %s",
    (_name, arrange) =>
      inVirtualTime(async () => {
        const { vendor, instanceId, outs } = await withState(true);
        vendor.faults.add({ kind: "http-404", action: "CreateBackup", times: "always" });
        arrange(vendor);
        const message = String(await failureOf(remove(vendor, instanceId, outs)));
        expect(message).toContain("is not deleted, since its final backup failed");
        expect(vendor.api.store.instances()).toHaveLength(1);
      }),
  );

  test("nor is a 404 where a query doesn't find it", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      vendor.faults.add({ kind: "empty-list", action: "DescribeDBInstances", times: "always" });
      answerInstead(vendor.api, "CreateBackup", () => jsonAnswer(404, { Code: "NotFound" }));
      const message = String(await failureOf(remove(vendor, instanceId, outs)));
      expect(message).toContain("is not deleted, since its final backup failed");
      expect(vendor.api.store.instances()).toHaveLength(1);
    }));

  test("one that goes after its final backup was taken stays in the state with the backup's id", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      const host = vendor.host();
      jest.spyOn(host, "fetchBackup").mockImplementation(async () => {
        vendor.api.store.removeInstance(instanceId);
        await deleteInstance(host.account().client, instanceId, MINUTE);
        return [];
      });
      const message = String(await failureOf(instanceLife(host).delete(instanceId, outs)));
      expect(message).toContain("is not deleted, since its final backup failed");
      expect(message).toMatch(/The backup \S+ stays at the vendor/);
    }));

  test.each([
    ["leaves entries out", 2, 3],
    ["shows more entries", 5, 5],
  ])(
    "its backup is told whole where a later list %s and the next ones fail",
    (_name, shown, told) =>
      inVirtualTime(async () => {
        const { vendor, instanceId, outs } = await withState(true, CLUSTER);
        let lists = 0;
        answerInstead(vendor.api, "DescribeBackups", (carryOut) => {
          const answer = carryOut();
          if (!answer.body.includes("BackupId")) return answer;
          lists += 1;
          if (lists > 2) return jsonAnswer(403, { Code: "No", Data: [] });
          const { Data, ...others } = JSON.parse(answer.body) as { Data: Bag[] };
          return jsonAnswer(200, { ...others, Data: Data.slice(0, lists === 1 ? 3 : shown) });
        });
        const message = String(await failureOf(remove(vendor, instanceId, outs)));
        const named = vendor.api.store
          .backups()
          .filter(({ backupId }) => message.includes(backupId));
        expect(named).toHaveLength(told);
      }),
  );

  test("one that is gone with another account's lists stays in the state", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      vendor.api.store.removeInstance(instanceId);
      const __owner = { endpoint: "https://cdsapi.capitalonline.net", key: "0" };
      const error = await failureOf(remove(vendor, instanceId, { ...outs, __owner }));
      expect(String(error)).toContain("not known to be gone");
    }));

  /** As the state holds an instance that was ordered and never seen running. */
  const NEVER_READY: Bag = { __delivered: undefined, status: "CREATING" };

  test("one that has backups is not taken for empty", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      vendor.api.store.createBackup(instanceId, "");
      vendor.api.store.changeInstance(instanceId, { status: "UPDATING" });
      const error = await failureOf(remove(vendor, instanceId, { ...outs, ...NEVER_READY }));
      expect(String(error)).toContain("is not deleted, since its final backup failed");
      expect(count(vendor, "DeleteDBInstance")).toBe(0);
    }));

  test("one that the state holds as running is not taken for empty, whatever it says now", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      vendor.api.store.changeInstance(instanceId, { status: "UPDATING" });
      const state = { ...outs, __delivered: undefined, status: "RUNNING" };
      const error = await failureOf(remove(vendor, instanceId, state));
      expect(String(error)).toContain("is not deleted, since its final backup failed");
      expect(count(vendor, "DeleteDBInstance")).toBe(0);
    }));

  test.each<[string, (vendor: EmulatedVendor) => void]>([
    ["runs by now", () => undefined],
    [
      "no list shows",
      ({ faults }) => {
        faults.add({ kind: "empty-list", action: "DescribeDBInstances", times: "always" });
      },
    ],
  ])("one that was never seen running and %s is backed up", (_name, arrange) =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      arrange(vendor);
      await remove(vendor, instanceId, { ...outs, ...NEVER_READY });
      expect(vendor.fetches).toHaveLength(1);
    }),
  );

  test("one that was delivered after the run that waited for it is not taken for empty", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      vendor.api.store.changeInstance(instanceId, { status: "MAINTAINING" });
      const error = await failureOf(remove(vendor, instanceId, { ...outs, ...NEVER_READY }));
      expect(String(error)).toContain("is not deleted, since its final backup failed");
      expect(count(vendor, "DeleteDBInstance")).toBe(0);
    }));

  test("one that the vendor lists in another case than it knows is not taken for gone", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      const error = await failureOf(remove(vendor, instanceId.toUpperCase(), outs));
      expect(String(error)).toContain("is not deleted, since its final backup failed");
      expect(vendor.api.store.instances()).toHaveLength(1);
    }));

  test("one that was never ready is told from the others of the account", () =>
    inVirtualTime(async () => {
      const { vendor, outs } = await withState(true);
      const { id } = await instanceLife(vendor.host()).create(order(SINGLE, "second"));
      vendor.api.store.changeInstance(id, UNDELIVERED);
      await remove(vendor, id, { ...outs, ...NEVER_READY });
      expect(count(vendor, "CreateBackup")).toBe(0);
      expect(vendor.warnings.join()).toContain(`(${id}) was never ready`);
    }));

  test("it is not deleted when what was downloaded is not whole, or came too late", () =>
    inVirtualTime(async () => {
      for (const isLate of [false, true]) {
        const { vendor, instanceId, outs } = await withState(true);
        const host = vendor.host();
        const failure = new BackupDownloadError("what the server sent is no whole backup.", {
          isLate,
        });
        jest.spyOn(host, "fetchBackup").mockRejectedValue(failure);
        const message = String(await failureOf(instanceLife(host).delete(instanceId, outs)));
        expect(message).toContain("no whole backup. The backup");
        expect(message).toContain("Run the same command again, which takes another");
        expect(message.includes("customTimeouts.delete")).toBe(isLate);
        expect(count(vendor, "DeleteDBInstance")).toBe(0);
      }
    }));

  test("the download ends when the time of the deletion is over", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      const host = vendor.host();
      jest.spyOn(host, "fetchBackup").mockImplementation(
        ({ signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              reject(new BackupDownloadError((signal.reason as Error).name));
            });
          }),
      );
      const error = await failureOf(instanceLife(host).delete(instanceId, outs));
      expect(String(error)).toContain("TimeoutError");
      expect(count(vendor, "DeleteDBInstance")).toBe(0);
    }));

  test("a file without a checksum is told as a warning, and the instance deleted", () =>
    inVirtualTime(async () => {
      for (const [checksum, words] of [
        ["verified", "18 bytes, checksums verified."],
        [
          "not checked",
          "18 bytes, not all files have a checksum. The vendor's Redis may write none",
        ],
      ] as const) {
        const { vendor, instanceId, outs } = await withState(true);
        const host = vendor.host();
        const report = jest.spyOn(host, "report");
        const fetchBackup = host.fetchBackup;
        jest
          .spyOn(host, "fetchBackup")
          .mockImplementation(async (options) =>
            (await fetchBackup(options)).map((file) => ({ ...file, checksum })),
          );
        await instanceLife(host).delete(instanceId, outs);
        const told = expect.stringContaining(words) as string;
        const kind = checksum === "verified" ? "info" : "warning";
        expect(report.mock.calls.filter((call) => call[2] !== "status")).toEqual([
          [outs["__urn"], told, kind],
        ]);
        expect(vendor.api.store.instances()).toEqual([]);
      }
    }));

  test.each<[string, (instanceId: string) => Bag]>([
    ["was taken over while it did not run", (__import) => ({ __delivered: undefined, __import })],
    ["ran before", () => ({})],
  ])("one that %s is not taken for empty while it does not run", (_name, change) =>
    inVirtualTime(async () => {
      const { vendor, instanceId, outs } = await withState(true);
      const status = "UPDATING";
      vendor.api.store.changeInstance(instanceId, { status });
      const state = { ...outs, status, ...change(instanceId) };
      const error = await failureOf(remove(vendor, instanceId, state));
      expect(String(error)).toContain("is not deleted, since its final backup failed");
      expect(vendor.api.store.instances()).toHaveLength(1);
    }),
  );

  test("it may take 80 minutes, or what customTimeouts says", () =>
    inVirtualTime(async () => {
      for (const [timeouts, limit] of [
        [undefined, 80],
        [{ delete: "5m" }, 5],
      ] as const) {
        const { vendor, instanceId, outs } = await withState(true);
        vendor.faults.add({ kind: "http-409", action: "CreateBackup", times: "always" });
        const task = remove(vendor, instanceId, { ...outs, __timeouts: timeouts });
        const ms = await elapsed(() => failureOf(task));
        expect(Math.round(ms / MINUTE)).toBe(limit);
      }
    }));
});

test("a changed finalBackup is an update that orders nothing and backs nothing up", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId, outs } = await withState(undefined);
    const life = instanceLife(vendor.host());
    const news = { ...outs, finalBackup: { folder: "x" } };
    expect(await life.diff(outs, news)).toMatchObject({ changes: true, replaces: [] });
    const updated = await life.update(instanceId, outs, news);
    expect(updated.outs).toMatchObject({ finalBackup: { folder: "x" } });
    expect(count(vendor, "CreateDBInstance")).toBe(1);
    expect(count(vendor, "CreateBackup")).toBe(0);
  }));

test.each(["yes", { folder: "" }, { folder: "x", keep: true }, { intranet: 1 }])(
  "finalBackup %p is refused before anything is ordered",
  async (finalBackup) => {
    const { failures } = await instanceLife(emulatedVendor().host()).check(
      {},
      order({ finalBackup }),
    );
    expect(failures).toMatchObject([
      { property: "", reason: expect.stringContaining("must be true, false") as string },
    ]);
  },
);
