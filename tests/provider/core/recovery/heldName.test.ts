import { emulatedVendor } from "../../../emulatedVendor";
import { inVirtualTime } from "../../../virtualTime";
import { instanceLife, instanceUrn, order } from "../../orders";

const mine = { instanceName: "mine" };

test("the note of a name that the stack holds by now is not warned of, and stays", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    const { id, outs } = await instanceLife(vendor.host()).create(order(mine));
    const { stack } = vendor;
    const [resource] = stack.resources;
    if (resource === undefined) throw new Error("the stack holds nothing");
    stack.resources[0] = { ...resource, outputs: outs };
    const { provider } = stack;
    const note = { token: "0123456789ab", urn: instanceUrn("cache"), provider, inputs: mine };
    await stack.journal.begin(note);
    await instanceLife(vendor.host()).read(id, outs);
    expect(vendor.warnings).toEqual([]);
    expect(stack.noted.has(note.token)).toBe(true);
    stack.resources.length = 0;
    await instanceLife(vendor.host()).read(id, outs);
    expect(vendor.warnings).toEqual([expect.stringContaining("had begun to order mine")]);
  }));
