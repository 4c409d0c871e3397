import { BlockList, isIPv6 } from "node:net";

/** Where an address leads: into the internet, a private network, this machine, or to what no server for files has. */
export type AddressKind = "public" | "private" | "loopback" | "special";

type Subnet = readonly [address: string, bits: number];

const SUBNETS: Readonly<Record<Exclude<AddressKind, "public">, readonly Subnet[]>> = {
  loopback: [
    ["127.0.0.0", 8],
    ["::1", 128],
  ],
  private: [
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
    ["fc00::", 7],
  ],
  // Link-local, where clouds keep the credentials of a machine; this network, multicast, reserved.
  special: [
    ["0.0.0.0", 8],
    ["169.254.0.0", 16],
    ["192.0.0.0", 24],
    ["198.18.0.0", 15],
    ["224.0.0.0", 3],
    // Obsolete spellings of IPv4 addresses, and ways to them.
    ["::", 96],
    ["::ffff:0:0:0", 96],
    ["64:ff9b:1::", 48],
    ["2001::", 32],
    ["fe80::", 10],
    ["fec0::", 10],
    ["ff00::", 8],
  ],
};

const LISTS = (["loopback", "private", "special"] as const).map(
  (kind) => [kind, listOf(SUBNETS[kind])] as const,
);

function listOf(subnets: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [address, bits] of subnets) {
    if (isIPv6(address)) {
      list.addSubnet(address, bits, "ipv6");
      continue;
    }
    list.addSubnet(address, bits, "ipv4");
    // The same addresses as IPv6 has them: mapped, behind NAT64, and 6to4.
    const [a, b, c, d] = address.split(".").map(Number) as [number, number, number, number];
    const halves = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    for (const prefix of ["::ffff:", "64:ff9b::"])
      list.addSubnet(`${prefix}${halves}`, 96 + bits, "ipv6");
    list.addSubnet(`2002:${halves}::`, 16 + bits, "ipv6");
  }
  return list;
}

/** @param address - an IP address, without brackets. */
export function addressKind(address: string): AddressKind {
  const plain = address.replace(/%.*$/, "");
  const family = isIPv6(plain) ? "ipv6" : "ipv4";
  return LISTS.find(([, list]) => list.check(plain, family))?.[0] ?? "public";
}
