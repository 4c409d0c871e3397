import { randomInt } from "node:crypto";

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * Loopback addresses for the servers of one instance; the first address is the instance's.
 *
 * Linux has all of 127.0.0.0/8, so each server gets an address of its own, and all servers can have the same port.
 * Other systems have 127.0.0.1 alone, where shards take the ports after the instance's port. The addresses don't follow
 * from the seed: two emulators with one seed would collide.
 */
export function serverAddresses(
  count: number,
  port: number,
  platform: NodeJS.Platform = process.platform,
): ServerAddress[] {
  return Array.from({ length: count }, (_, index) =>
    platform === "linux"
      ? { address: randomAddress(), port }
      : { address: "127.0.0.1", port: port + index },
  );
}

/** Avoids 127.0.0.0/16 and 127.0.1.0/24, where systems run services of their own. */
function randomAddress(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}
