import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { only } from "../observed";
import { failureOf, instanceLife, order, type Bag } from "../orders";

// Programs may hold the data center, the network and the name to be secrets.
const VDC = "vdc-of-canary";
const PIPE = "pipe-of-canary";
const PRIVATE = { vdcId: VDC, basePipeId: PIPE };

/** What the state keeps beside the arguments and outputs, which the engine encrypts. */
function hiddenOf(outs: Bag): string {
  return JSON.stringify(Object.entries(outs).filter(([name]) => name.startsWith("__")));
}

/** An order of which the host dies once it was carried out. */
async function killedOrder(inputs: Bag): Promise<EmulatedVendor> {
  const vendor = emulatedVendor();
  const killed = new Promise<void>((resolve) => {
    vendor.killAt({ action: "CreateDBInstance", when: "after" }, resolve);
  });
  void instanceLife(vendor.host()).create(inputs);
  await killed;
  // The engine forgets it, so that the note alone is the proof.
  vendor.stack.creating.length = 0;
  return vendor;
}

test("the hidden part of a state holds digests of them alone", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    const inputs = order({ ...PRIVATE, instanceName: "canary" });
    const { outs } = await instanceLife(vendor.host()).create(inputs);
    expect(outs).toMatchObject({ ...PRIVATE, instanceName: "canary" });
    expect(hiddenOf(outs)).toContain("sha256:");
    expect(hiddenOf(outs)).not.toContain("canary");
  }));

test("values in clear of a state of release 0.1.0 are scrubbed by a refresh, and are no drift", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    const life = instanceLife(vendor.host());
    const { id, outs } = await life.create(order({ ...PRIVATE, instanceName: "canary" }));
    const clear = { vdcId: VDC, instanceName: "canary", ramGb: 8 };
    const old = { ...outs, __delivered: { ordered: clear, told: clear } };
    const { props } = await life.read(id, old);
    expect(props).toMatchObject({ ...PRIVATE, instanceName: "canary", ramGb: 8 });
    expect(hiddenOf(props)).not.toContain("canary");
  }));

test("another name is drift until the vendor tells the ordered one again", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    const { id, outs } = await instanceLife(vendor.host()).create(
      order({ instanceName: "canary" }),
    );
    vendor.api.store.changeInstance(id, { instanceName: "theirs" });
    const { props: renamed } = await instanceLife(vendor.host()).read(id, outs);
    expect(renamed).toMatchObject({ instanceName: "theirs" });
    vendor.api.store.changeInstance(id, { instanceName: "canary" });
    const { props: back } = await instanceLife(vendor.host()).read(id, renamed);
    expect(back).toMatchObject({ instanceName: "canary" });
    expect(hiddenOf(back)).not.toMatch(/canary|theirs/);
  }));

test("the note of an order holds digests of them, and is proof all the same", () =>
  inVirtualTime(async () => {
    const vendor = await killedOrder(order(PRIVATE));
    const [note] = vendor.stack.noted.values();
    expect(JSON.stringify(note)).not.toContain("canary");
    const { id, outs } = await instanceLife(vendor.host()).create(order(PRIVATE));
    expect(id).toBe(only(vendor.api).instanceUuid);
    expect(outs).toMatchObject(PRIVATE);
  }));

test("a program that has changed one of them since a noted order replaces the instance", () =>
  inVirtualTime(async () => {
    const vendor = await killedOrder(order(PRIVATE));
    const changed = order({ ...PRIVATE, basePipeId: "pipe-2" });
    const error = await failureOf(instanceLife(vendor.host()).create(changed));
    expect(String(error)).toContain("has changed since (basePipeId)");
    const { properties } = error as { properties: Bag };
    const life = instanceLife(vendor.host());
    const { replaces } = await life.diff(properties, await life.inputs(changed, properties));
    expect(replaces).toEqual(["basePipeId"]);
  }));
