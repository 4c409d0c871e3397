import { EmulatorApi, EmulatorStartError } from "../../emulator";
import { HONG_KONG, ORDER, VirtualEmulator } from "./virtualEmulator";

interface ListedVdc {
  readonly VdcId: string;
  readonly PageCount: number;
  readonly PrivateNetwork: readonly { readonly PrivateId: string; readonly UnuseIpNum: number }[];
}

function vdcs(emulator: VirtualEmulator, params = {}): ListedVdc[] {
  return emulator.list("DescribeVdc", params) as unknown as ListedVdc[];
}

describe("the networks of the emulated account", () => {
  test("are listed as the vendor's document shows it", () => {
    const [first] = vdcs(new VirtualEmulator());
    expect(first).toEqual({
      VdcId: "vdc-1",
      VdcName: "hongkong",
      RegionId: HONG_KONG,
      VdcStatus: "ok",
      PublicNetwork: [],
      PageNumber: 1,
      PageCount: 1,
      PrivateNetwork: [
        {
          PrivateId: "pipe-1",
          Name: "cache",
          Status: "ok",
          UnuseIpNum: 65_533,
          Segments: ["10.1.0.0/16~10.1.255.255/16"],
        },
        expect.objectContaining({ PrivateId: "pipe-full", UnuseIpNum: 0 }),
      ],
    });
  });

  test("give their instances an address of theirs", () => {
    const emulator = new VirtualEmulator();
    for (let count = 0; count < 20; count++) emulator.runningInstance();
    const ips = emulator.list("DescribeDBInstances").map(({ IP }) => String(IP));
    expect(new Set(ips).size).toBe(20);
    for (const ip of ips) expect(ip).toMatch(/^10\.1\.\d+\.\d+$/);
  });

  test.each([
    ["two", "10.2.0.0/30", /^10\.2\.0\.[12]$/],
    ["no readable", "fe80::", /^10\./],
  ])("of %s addresses still give each instance another one", (_, segment, first) => {
    const networks = [{ privateId: "mine", name: "mine", segment }];
    const own = { vdcId: "vdc-1", vdcName: "own", regionId: HONG_KONG, privateNetworks: networks };
    const emulator = new VirtualEmulator({ vdcs: [own] });
    for (let count = 0; count < 4; count++) emulator.runningInstance({ BasePipeId: "mine" });
    const ips = emulator.list("DescribeDBInstances").map(({ IP }) => String(IP));
    expect(ips[0]).toMatch(first);
    expect(new Set(ips).size).toBe(4);
  });

  test.each([
    ["a region", { RegionId: "CN_Beijing_A" }, ["vdc-3"]],
    ["a data center", { VdcId: "vdc-2" }, ["vdc-2"]],
    ["a part of the name", { Keyword: "staging" }, ["vdc-2"]],
    ["a region without one", { RegionId: "CN_Wuxi_A" }, []],
  ])("are filtered by %s", (_, params, expected) => {
    expect(vdcs(new VirtualEmulator(), params).map(({ VdcId }) => VdcId)).toEqual(expected);
  });

  test("come in pages, and the page after the last is empty", () => {
    const many = Array.from({ length: 45 }, (_, index) => ({
      vdcId: `vdc-${index}`,
      vdcName: `center ${index}`,
      regionId: HONG_KONG,
      privateNetworks: [],
    }));
    const emulator = new VirtualEmulator({ vdcs: many });
    const sizes = [1, 2, 3, 4].map((page) => vdcs(emulator, { PageNumber: `${page}` }).length);
    expect(sizes).toEqual([20, 20, 5, 0]);
    expect(vdcs(emulator)[0]?.PageCount).toBe(3);
  });

  test("an unknown data center is refused by its code", () => {
    const answer = new VirtualEmulator().call("DescribeVdc", { VdcId: "vdc-9" });
    expect([answer.status, answer.code]).toEqual([400, "VDCNotFound"]);
  });

  test.each([
    ["an unknown data center", { VdcId: "vdc-9" }, "There is no such VdcId."],
    ["one of another region", { VdcId: "vdc-3" }, "The VdcId is of another region."],
    ["a network of another one", { BasePipeId: "pipe-2" }, "has no such BasePipeId"],
    ["a network without a free address", { BasePipeId: "pipe-full" }, "too few free addresses"],
  ])("an order with %s is refused", (_, change, message) => {
    const answer = new VirtualEmulator().call("CreateDBInstance", { ...ORDER, ...change });
    expect([answer.status, answer.code]).toEqual([400, "InvalidParameter"]);
    expect(answer.message).toContain(message);
  });

  test("an instance takes an address, and its deletion frees it", () => {
    const emulator = new VirtualEmulator();
    const free = (): number | undefined => vdcs(emulator)[0]?.PrivateNetwork[0]?.UnuseIpNum;
    const InstanceUuid = emulator.runningInstance();
    expect(free()).toBe(65_532);
    emulator.call("DeleteDBInstance", { InstanceUuid });
    emulator.pass(10);
    expect(free()).toBe(65_533);
  });

  test("with anyNetwork every id is taken, and none is listed", () => {
    const emulator = new VirtualEmulator({ anyNetwork: true });
    expect(vdcs(emulator)).toEqual([]);
    const order = { ...ORDER, VdcId: "mine", BasePipeId: "mine too" };
    expect(emulator.call("CreateDBInstance", order).status).toBe(200);
  });

  test("anyNetwork and vdcs exclude each other", () => {
    expect(() => new EmulatorApi({ anyNetwork: true, vdcs: [] })).toThrow(EmulatorStartError);
  });

  test("DescribeVdc is answered under /network/ alone, and the other actions under /redis/", () => {
    const emulator = new VirtualEmulator();
    const moved = (action: string, path: string): string =>
      emulator.send("GET", `/${path}/?${emulator.query(action, "GET")}`).code;
    expect(moved("DescribeVdc", "redis")).toBe("UnsupportedOperation");
    expect(moved("DescribeRegins", "network")).toBe("UnsupportedOperation");
    expect(moved("DescribeVdc", "networks")).toBe("ResourceNotFound");
  });
});
