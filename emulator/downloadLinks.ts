import { createHmac, timingSafeEqual } from "node:crypto";
import { ApiError } from "./apiError";
import type { SeededRandom } from "./random";

const VALID_MS = 3600 * 1000;

/**
 * URLs that give the file of a backup to whoever has them, for an hour. The token carries its end and a proof of it, so
 * it needs no memory and stays valid after a restart with the same secret.
 */
export class DownloadLinks {
  readonly #secret: string;
  readonly #random: SeededRandom;
  readonly #baseUrl: () => string;

  constructor(secret: string, random: SeededRandom, baseUrl: () => string) {
    this.#secret = secret;
    this.#random = random;
    this.#baseUrl = baseUrl;
  }

  url(backupId: string, now: number): string {
    const claim = `${(now + VALID_MS).toString(36)}.${this.#random.hex().slice(0, 16)}`;
    const token = `${claim}.${this.#proof(backupId, claim)}`;
    return `${this.#baseUrl()}/backups/${encodeURIComponent(backupId)}?token=${token}`;
  }

  /** @throws ApiError 403 when the token is not of this backup, or has expired. The codes are the emulator's own. */
  verify(backupId: string, token: string, now: number): void {
    const end = token.lastIndexOf(".");
    const claim = token.slice(0, Math.max(0, end));
    const [given, expected] = [
      Buffer.from(token.slice(end + 1)),
      Buffer.from(this.#proof(backupId, claim)),
    ];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new ApiError(403, "DownloadTokenInvalid", "The token is not of this backup.");
    }
    if (now >= parseInt(claim, 36)) {
      throw new ApiError(
        403,
        "DownloadTokenExpired",
        "The URL has expired: ask DownloadBackup again.",
      );
    }
  }

  #proof(backupId: string, claim: string): string {
    return createHmac("sha256", this.#secret).update(`${backupId}\n${claim}`).digest("hex");
  }
}
