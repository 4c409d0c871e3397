import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { UNKNOWN } from "../../../provider/core/engineValues";
import { inVirtualTime } from "../../virtualTime";
import { backupLife, backupOrder, instanceLife, order, type Bag, PASSWORD } from "../orders";

interface Made {
  readonly vendor: EmulatedVendor;
  readonly id: string;
  readonly outs: Bag;
  readonly name: string;
}

async function made(before: Bag = {}): Promise<Made> {
  const vendor = emulatedVendor();
  const { id, outs } = await instanceLife(vendor.host()).create(order(before));
  return { vendor, id, outs, name: `${String(outs["instanceName"])} (${id})` };
}

/** What a later run warns of when the program says this. */
async function warningsFor({ vendor, id, outs }: Made, after: Bag): Promise<string[]> {
  const life = instanceLife(vendor.host());
  const before = vendor.warnings.length;
  await life.diff(outs, await life.inputs(order(after), outs), id);
  return vendor.warnings.slice(before).map((text) => text.replace(/^urn:\S+: /, ""));
}

describe("a replacement says what is lost, and why", () => {
  test.each<[string, Bag, Bag, string]>([
    ["the size", {}, { ramGb: 12 }, "(no finalBackup): ramGb 8 → 12."],
    [
      "the port",
      {},
      { port: 6400, ramGb: 12 },
      "(no finalBackup): port 9736 → 6400, ramGb 8 → 12.",
    ],
    ["a secret", {}, { password: "canary-other" }, "(no finalBackup): password changed."],
    ["what may be secret", {}, { vdcId: "vdc-canary" }, "(no finalBackup): vdcId changed."],
    [
      "what is not known yet",
      {},
      { port: UNKNOWN },
      "(no finalBackup): port 9736 → not known yet.",
    ],
    [
      "a hidden value not known yet",
      {},
      { vdcId: UNKNOWN },
      "(no finalBackup): vdcId not known yet.",
    ],
    [
      "with a final backup, new in the program",
      {},
      { ramGb: 12, finalBackup: true },
      "(after a final backup into cds-final-backups): ramGb 8 → 12.",
    ],
    [
      "with a final backup into a folder",
      { finalBackup: { folder: "/safe" } },
      { ramGb: 12, finalBackup: { folder: "/safe" } },
      "(after a final backup into /safe): ramGb 8 → 12.",
    ],
    [
      "with a setting that is not known yet",
      {},
      { ramGb: 12, finalBackup: { folder: UNKNOWN } },
      "(finalBackup is not known yet): ramGb 8 → 12.",
    ],
  ])("%s", (_name, before, after, ending) =>
    inVirtualTime(async () => {
      const one = await made(before);
      const [warning, ...others] = await warningsFor(one, after);
      expect(warning).toBe(
        `\`pulumi up\` makes a new, empty instance; ${one.name} and its data are deleted ${ending}`,
      );
      expect(others).toEqual([]);
      expect(one.vendor.reports.join()).not.toMatch(/canary/);
      expect(one.vendor.reports.join()).not.toContain(PASSWORD);
    }),
  );

  test("that CDS_SKIP_FINAL_BACKUP leaves the final backup out", () =>
    inVirtualTime(async () => {
      const { vendor, id, outs } = await made({ finalBackup: true });
      const host = vendor.host({}, vendor.stack, { CDS_SKIP_FINAL_BACKUP: id });
      const life = instanceLife(host);
      await life.diff(outs, await life.inputs(order({ ramGb: 12, finalBackup: true }), outs), id);
      expect(vendor.warnings.at(-1)).toContain("(no finalBackup, as CDS_SKIP_FINAL_BACKUP says)");
    }));

  test("the drift that is the reason", () =>
    inVirtualTime(async () => {
      const one = await made();
      one.vendor.api.store.changeInstance(one.id, { ramGb: 16 });
      const { props } = await instanceLife(one.vendor.host()).read(one.id, one.outs);
      expect(await warningsFor({ ...one, outs: props }, {})).toEqual([
        expect.stringContaining(": ramGb 16 → 8 (somebody changed it outside of Pulumi)."),
      ]);
    }));

  test("the stack's backups, which go with it", () =>
    inVirtualTime(async () => {
      const one = await made();
      const { id, outs } = await backupLife(one.vendor.host()).create(backupOrder(one.id));
      const { stack } = one.vendor;
      const inputs = {};
      stack.resources.push({ urn: "urn:backup", id, inputs, outputs: outs, provider: "" });
      expect(await warningsFor(one, { ramGb: 12 })).toEqual([
        expect.stringContaining(
          "are deleted (no finalBackup), and so is the stack's backup of it: ",
        ),
      ]);
      const series = { ...outs, earlier: [{ entries: [] }] };
      stack.resources.push({ urn: "urn:more", id, inputs, outputs: series, provider: "" });
      expect(await warningsFor(one, { ramGb: 12 })).toEqual([
        expect.stringContaining(", and so are the stack's 3 backups of it: "),
      ]);
    }));

  test("without the stack's record all the same", () =>
    inVirtualTime(async () => {
      const one = await made();
      one.vendor.stack.unreadable = new Error("no CLI");
      expect(await warningsFor(one, { ramGb: 12 })).toHaveLength(1);
    }));

  test.each<[string, Bag]>([
    ["nothing changes", {}],
    ["an argument changes that needs no other instance", { finalBackup: true }],
  ])("nothing where %s", (_name, after) =>
    inVirtualTime(async () => {
      expect(await warningsFor(await made(), after)).toEqual([]);
    }),
  );
});
