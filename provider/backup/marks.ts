import { createHash } from "node:crypto";

import { rootOf } from "../core/recovery";
import type { BackupEntry } from "../vendor/actions/backups";
import type { BackupInputs } from "./arguments";

const DIGEST_DIGITS = 8;
const MARK = / ?pulumi-[0-9a-f]+(-[0-9a-f]+)?$/;

/** What it takes to start one backup. */
export type BackupOrder = Pick<BackupInputs, "instanceId" | "description" | "__token">;

/**
 * What the vendor shows as `Desc`: the user's text, and the mark that tells our backup from others.
 * The answer to CreateBackup has no id.
 */
export function descriptionOf({ description = "", __token: token }: BackupOrder): string {
  return `${description} pulumi-${token}`.trimStart();
}

/**
 * The token of the backup that a resource takes after the one with this token. The same change of
 * the same state gives the same token, so that a run after an interrupted one knows its backup again.
 */
export function nextToken(token: string, triggers: unknown): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([token, triggers]))
    .digest("hex");
  return `${rootOf(token)}-${digest.slice(0, DIGEST_DIGITS)}`;
}

/** The entries that show the mark of this order. */
export function markedEntries(entries: readonly BackupEntry[], token: string): BackupEntry[] {
  return entries.filter((entry) => hasMark(entry, token));
}

/** The entries that the resource with this token ordered at any time. */
export function seriesEntries(entries: readonly BackupEntry[], token: string): BackupEntry[] {
  return entries.filter((entry) =>
    hasMark(entry, `${rootOf(token)}(-[0-9a-f]{${DIGEST_DIGITS}})?`),
  );
}

/** The user's part of a description. */
export function withoutMark(description: string): string {
  return description.replace(MARK, "");
}

function hasMark({ description }: BackupEntry, token: string): boolean {
  return new RegExp(`pulumi-${token}(?![0-9a-f-])`).test(description);
}
