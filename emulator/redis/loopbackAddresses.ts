import { randomInt } from "node:crypto";

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * Addresses of this machine alone for the servers of one instance, the first one being the instance's own.
 *
 * On Linux all of 127.0.0.0/8 is there, so each server has an address of its own, and any number can have the same
 * port. Elsewhere there is 127.0.0.1 alone, where shards take the ports after the instance's. They are random and not
 * by the seed: two emulators with one seed would take each other's.
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

/** None of 127.0.0.0/16 and 127.0.1.0/24, where systems have services of their own. */
function randomAddress(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}
