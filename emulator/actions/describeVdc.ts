import { ApiError } from "../apiError";
import { freeAddressesIn, type EmulatorVdc } from "../networks";
import type { EmulatorInstance } from "../records";
import { shown } from "../shown";
import type { Action } from "./action";

/** The vendor does not document how many a page holds. */
const PAGE_SIZE = 20;

/** 查看虚拟数据中心, of the vendor's network API. An order's BasePipeId is a PrivateId of it. */
export const describeVdc: Action = {
  name: "DescribeVdc",
  service: "network",
  method: "GET",
  required: [],
  run: (parameters, { store, vdcs = [] }) => {
    const regionId = parameters.optionalText("RegionId");
    const vdcId = parameters.optionalText("VdcId");
    const keyword = parameters.optionalText("Keyword") ?? "";
    const page = parameters.optionalInteger("PageNumber") ?? 1;
    const found = vdcs
      .filter((vdc) => regionId === undefined || vdc.regionId === regionId)
      .filter((vdc) => vdcId === undefined || vdc.vdcId === vdcId)
      .filter((vdc) => vdc.vdcName.includes(keyword));
    if (vdcId !== undefined && found.length === 0)
      throw new ApiError(400, "VDCNotFound", `There is no data center ${shown(vdcId)}.`);
    const instances = store.instances();
    // The pages stand inside each entry, as in the vendor's example.
    const pages = { PageNumber: page, PageCount: Math.ceil(found.length / PAGE_SIZE) };
    const onPage = found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
    const data = onPage.map((vdc) => ({ ...toWire(vdc, instances), ...pages }));
    return { data, message: "Success." };
  },
};

function toWire(vdc: EmulatorVdc, instances: readonly EmulatorInstance[]): object {
  const { vdcId, vdcName, regionId, privateNetworks } = vdc;
  return {
    PublicNetwork: [],
    RegionId: regionId,
    VdcId: vdcId,
    VdcName: vdcName,
    VdcStatus: "ok",
    PrivateNetwork: privateNetworks.map((network) => ({
      Status: "ok",
      UnuseIpNum: freeAddressesIn(network, instances),
      Segments: [network.segment],
      PrivateId: network.privateId,
      Name: network.name,
    })),
  };
}
