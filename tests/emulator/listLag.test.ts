import { ORDER, VirtualEmulator } from "./virtualEmulator";

test("listLagSeconds: all lists show the state of so many seconds ago", () => {
  const emulator = new VirtualEmulator({ listLagSeconds: 30, deliverySeconds: 0 });
  const { data } = emulator.call("CreateDBInstance", ORDER);
  const [InstanceUuid = ""] = (data as { InstancesUuid: string[] }).InstancesUuid;
  expect(emulator.list("DescribeDBInstances")).toEqual([]);
  expect(emulator.list("DescribeDBInstances", { InstanceUuid })).toHaveLength(1);
  emulator.pass(29);
  expect(emulator.list("DescribeDBInstances")).toEqual([]);
  emulator.pass(1);
  expect(emulator.list("DescribeDBInstances")).toHaveLength(1);

  emulator.call("CreateBackup", { InstanceUuid });
  emulator.pass(29);
  expect(emulator.list("DescribeBackups", { InstanceUuid })).toEqual([]);
  emulator.pass(1);
  expect(emulator.list("DescribeBackups", { InstanceUuid })).toHaveLength(1);

  emulator.call("DeleteDBInstance", { InstanceUuid });
  emulator.pass(10);
  expect(emulator.store.instances()).toEqual([]);
  expect(emulator.list("DescribeDBInstances", { InstanceUuid })).toEqual([]);
  expect(emulator.list("DescribeDBInstances")).toMatchObject([{ Status: "RUNNING" }]);
  emulator.pass(30);
  expect(emulator.list("DescribeDBInstances")).toEqual([]);
});

test.each([-1, 601, Number.NaN])("listLagSeconds: %p is refused", (listLagSeconds) => {
  expect(() => new VirtualEmulator({ listLagSeconds })).toThrow(/listLagSeconds must be/);
});
