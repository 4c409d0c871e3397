import { invalidParameter } from "./apiError";
import type { EmulatorInstance } from "./records";

/** A virtual data center (VDC) of the emulated account. */
export interface EmulatorVdc {
  readonly vdcId: string;
  readonly vdcName: string;
  readonly regionId: string;
  readonly privateNetworks: readonly EmulatorNetwork[];
}

export interface EmulatorNetwork {
  /** What an order names as BasePipeId. */
  readonly privateId: string;
  readonly name: string;
  /** The addresses, as the vendor writes them: `10.1.0.0/16~10.1.255.255/16`. */
  readonly segment: string;
  /** How many addresses are free before instances of the emulator take some. Default: 65,533. */
  readonly freeAddresses?: number;
}

/** The data centers that an emulator has unless it is told others. */
export const DEFAULT_VDCS: readonly EmulatorVdc[] = [
  {
    vdcId: "vdc-1",
    vdcName: "hongkong",
    regionId: "CN_Hongkong_A",
    privateNetworks: [
      { privateId: "pipe-1", name: "cache", segment: "10.1.0.0/16~10.1.255.255/16" },
      {
        privateId: "pipe-full",
        name: "full",
        segment: "10.9.0.0/30~10.9.0.3/30",
        freeAddresses: 0,
      },
    ],
  },
  {
    vdcId: "vdc-2",
    vdcName: "hongkong-staging",
    regionId: "CN_Hongkong_A",
    privateNetworks: [
      { privateId: "pipe-2", name: "cache", segment: "10.2.0.0/16~10.2.255.255/16" },
    ],
  },
  {
    vdcId: "vdc-3",
    vdcName: "beijing",
    regionId: "CN_Beijing_A",
    privateNetworks: [
      { privateId: "pipe-3", name: "cache", segment: "10.3.0.0/16~10.3.255.255/16" },
    ],
  },
];

interface NetworkOrder {
  readonly regionId: string;
  readonly vdcId: string;
  readonly basePipeId: string;
  readonly amount: number;
}

/**
 * The data center's name and the network's addresses of an order. Undefined where there are no data
 * centers, so that an order may name any. @throws ApiError 400 that says what is wrong with the order.
 */
export function placeOf(
  order: NetworkOrder,
  vdcs: readonly EmulatorVdc[] | undefined,
  instances: readonly EmulatorInstance[],
): { readonly vdcName: string; readonly segment: string } | undefined {
  if (vdcs === undefined) return undefined;
  const vdc = vdcs.find(({ vdcId }) => vdcId === order.vdcId);
  if (vdc === undefined) throw invalidParameter("There is no such VdcId.");
  if (vdc.regionId !== order.regionId) throw invalidParameter("The VdcId is of another region.");
  const network = vdc.privateNetworks.find(({ privateId }) => privateId === order.basePipeId);
  if (network === undefined) throw invalidParameter("The data center has no such BasePipeId.");
  if (freeAddressesIn(network, instances) < order.amount)
    throw invalidParameter("The network has too few free addresses.");
  return { vdcName: vdc.vdcName, segment: network.segment };
}

export function freeAddressesIn(
  { privateId, freeAddresses = 65_533 }: EmulatorNetwork,
  instances: readonly EmulatorInstance[],
): number {
  const taken = instances.filter(({ basePipeId }) => basePipeId === privateId).length;
  return Math.max(0, freeAddresses - taken);
}

/** An address of the segment, as random as the given one, which stays where the segment can't be read. */
export function addressIn(segment: string | undefined, random: string): string {
  const [from = "", to] = (segment ?? "").split("~");
  const [start = "", bits = ""] = from.split("/");
  const first = numberOf(start);
  const last = to === undefined ? first + 2 ** (32 - Number(bits)) - 1 : numberOf(to.split("/")[0]);
  // The first and the last address are the network's own.
  const usable = last - first - 1;
  if (!(usable > 0)) return random;
  const number = first + 1 + (numberOf(random) % usable);
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

function numberOf(address = ""): number {
  const bytes = address.split(".").map(Number);
  return bytes.length === 4 ? bytes.reduce((sum, byte) => sum * 256 + byte, 0) : Number.NaN;
}
