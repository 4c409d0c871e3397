import { z } from "zod";

import type { CdsClient } from "../client";
import type { Vdc } from "../types";
import {
  looseList,
  looseNumber,
  looseText,
  uniqueList,
  wireId,
  wireNumber,
  wireObject,
} from "../wire";

/** A page that the vendor fills again and again would have no end. */
const MOST_PAGES = 100;

/** The table of the document names the id `Id` or `ID`, its example and the vendor's SDK `PrivateId`. */
const network = z.preprocess(
  (wire) => {
    const { Id, ID, PrivateId = Id ?? ID } = { ...(wire as Record<string, unknown>) };
    return { ...(wire as object), PrivateId };
  },
  wireObject({
    basePipeId: ["PrivateId", wireId],
    name: ["Name", looseText],
    status: ["Status", looseText],
    segments: ["Segments", looseList(z.string()).catch([])],
    freeAddresses: ["UnuseIpNum", wireNumber.optional().catch(undefined)],
  }),
);

const vdc = wireObject({
  vdcId: ["VdcId", wireId],
  vdcName: ["VdcName", looseText],
  regionId: ["RegionId", looseText],
  networks: ["PrivateNetwork", uniqueList(network, ({ basePipeId }) => basePipeId)],
  /** 0 in the document's example, which has one page. */
  pageCount: ["PageCount", looseNumber],
});
const page = looseList(vdc);

/**
 * The data centers of the account in all regions, each once, with their private networks. Whether pages
 * count from 0 or from 1 is not documented: the first one is asked without a number, then from 1 on.
 */
export async function describeVdcs(client: CdsClient): Promise<Vdc[]> {
  const found = new Map<string, Vdc>();
  for (let number = 0; number <= MOST_PAGES; number++) {
    const params = number === 0 ? {} : { PageNumber: `${number}` };
    const listed = await client.read("DescribeVdc", params, page, "network");
    const before = found.size;
    let pages = 0;
    for (const { networks, pageCount, ...one } of listed) {
      const privateNetworks = networks.map((each) => ({ ...each, ...one }));
      found.set(one.vdcId, { ...one, privateNetworks });
      pages = pageCount;
    }
    const isLast = pages === 1 || (pages > 1 && number >= pages);
    const addsNothing = found.size === before && number !== 1;
    if (listed.length === 0 || isLast || addsNothing) break;
  }
  return [...found.values()];
}
