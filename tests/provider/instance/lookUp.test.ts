import { emulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { SINGLE, withInstance } from "../backups";
import { backupLife, failureOf, instanceLife } from "../orders";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

// The engine hands `read` what the program gave, and no state: it would take an empty answer for a find.

test("get of an instance that is not there is an error that names it and the endpoint", () =>
  inVirtualTime(async () => {
    const error = await failureOf(instanceLife(emulatedVendor().host()).read(UNKNOWN, {}));
    expect(String(error)).toContain(`there is no instance ${UNKNOWN} at https://`);
  }));

test("get of a backup that is not there is an error that names it and the endpoint", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    const life = backupLife(vendor.host());
    const id = `${instanceId}/${UNKNOWN}`;
    const error = await failureOf(life.read(id, {}));
    expect(String(error)).toContain(`there is no backup ${id} at https://`);
    const other = `${UNKNOWN}/${UNKNOWN}`;
    expect(String(await failureOf(life.read(other, {})))).toContain(`no backup ${other}`);
  }));
