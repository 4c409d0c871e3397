import { HONG_KONG, ORDER, VirtualEmulator } from "./virtualEmulator";

interface Configuration {
  readonly Products: readonly {
    readonly Version: string;
    readonly Architectures: readonly {
      readonly ArchitectureType?: number;
      readonly ComputeRoles: readonly {
        readonly Standards: {
          readonly CpuRam: readonly { readonly RAM: number; readonly PaasGoodsId: number }[];
        };
      }[];
    }[];
  }[];
}

/** As the vendor's terraform provider chooses: it crashes at an architecture without a type. */
function goodsFor(
  { Products }: Configuration,
  version: string,
  architectureType: number,
  ram: number,
): number | undefined {
  const architectures = Products.filter(({ Version }) => Version === version).flatMap(
    (product) => product.Architectures,
  );
  for (const { ArchitectureType, ComputeRoles } of architectures) {
    if (ArchitectureType === undefined) throw new Error("nil pointer dereference");
    if (ArchitectureType !== architectureType) continue;
    const sizes = ComputeRoles.flatMap(({ Standards }) => Standards.CpuRam);
    const size = sizes.find(({ RAM }) => RAM === ram);
    if (size !== undefined) return size.PaasGoodsId;
  }
  return undefined;
}

test.each([
  ["economy master-replica", "2.8", 3, 1],
  ["cluster", "5.0", 2, 20],
])(
  "the calls of the vendor's terraform provider make and delete an instance without options: %s",
  (_architecture, version, architectureType, ram) => {
    const emulator = new VirtualEmulator();
    const { data } = emulator.call("DescribeAvailableDBConfig", { RegionId: HONG_KONG });
    const PaasGoodsId = goodsFor(data as Configuration, version, architectureType, ram);
    expect(PaasGoodsId).toBeDefined();
    const created = emulator.call("CreateDBInstance", { ...ORDER, PaasGoodsId, Amount: 1 });
    const [InstanceUuid = ""] = (created.data as { InstancesUuid: string[] }).InstancesUuid;
    // It looks for the first time after 115 seconds.
    emulator.pass(115);
    const seen = emulator.list("DescribeDBInstances", { InstanceUuid, InstanceName: "cache" });
    expect(seen).toMatchObject([{ Status: "RUNNING", Version: version, Ram: ram * 1024 }]);
    expect(seen[0]?.["IP"]).toMatch(/^[\d.]+$/);
    expect(emulator.call("DeleteDBInstance", { InstanceUuid }).code).toBe("Success");
    emulator.pass(15);
    expect(emulator.list("DescribeDBInstances", { InstanceUuid })).toEqual([]);
  },
);
