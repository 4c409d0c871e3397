import type { Guard } from "./guard.mts";

const LIFE = "provider/lifecycle/";

/** Of the series of backups, of final backups, and of what is downloaded. */
export const BACKUP_GUARDS: readonly Guard[] = [
  {
    name: "the mark of a resource's first backup is not that of its next one",
    file: `${LIFE}backup/marks.ts`,
    guard: "(?![0-9a-f-])",
    without: "",
  },
  {
    name: "the next backup that an interrupted run started is not started again",
    file: `${LIFE}backup/takeOver.ts`,
    guard: "if (found.length === 0)\n",
    without: "if (found.length >= 0)\n",
  },
  {
    name: "what the state holds is not taken for the next backup",
    file: `${LIFE}backup/takeOver.ts`,
    guard: "filter((entry) => !held.has(entry.backupId))",
    without: "filter(() => true)",
  },
  {
    name: "a next backup that this machine began is looked for long enough",
    file: `${LIFE}backup/takeOver.ts`,
    guard: "areFound || absence.isCertain(false)",
    without: "areFound || absence.isCertain(false) || true",
  },
  {
    name: "earlier backups are deleted only after the new one is finished",
    file: `${LIFE}backup.ts`,
    guard: 'throw partlyMade(what, error, "it goes on waiting");',
    without: "void what;",
  },
  {
    name: "as many backups stay as keepLatest says",
    file: `${LIFE}backup/series.ts`,
    guard: "slice(0, keepLatest - 1)",
    without: "slice(0, 0)",
  },
  {
    name: "a failed backup is not counted as one that stays",
    file: `${LIFE}backup/series.ts`,
    guard: "earlier.filter(({ status }) => saysFinished(status)).slice",
    without: "earlier.slice",
  },
  {
    name: "an instance whose final backup failed is not deleted",
    file: `${LIFE}instance/finalBackup.ts`,
    guard: "throw new NotDeletedError(name,",
    without: "void new NotDeletedError(name,",
  },
  {
    name: "an instance that was taken over is not taken for empty",
    file: `${LIFE}instance/finalBackup.ts`,
    guard: "props.__import === undefined && ",
    without: "",
  },
  {
    name: "a replacement saves the data where the program asks for it only now",
    file: `${LIFE}instance.ts`,
    guard: "for (const key of [id, news.__urn ?? id])",
    without: "for (const key of [] as string[])",
  },
  {
    name: "a replaced instance whose final backup failed is not deleted without by the next run",
    file: `${LIFE}instance/finalBackup.ts`,
    guard: "finalBackups.get(props.__urn ?? id) ??",
    without: "",
  },
  {
    name: "a file gets its final name only when it is proven whole",
    file: "provider/download/entryDownload.ts",
    guard: "if (error instanceof RdbError) return this.#restart(error);",
    without:
      "if (error instanceof RdbError) return this.#finish({ sha256: '', rdbVersion: 9, keys: 0, sizeBytes: 0, checksum: 'not checked' });",
  },
  {
    name: "a checksum that differs is an error",
    file: "provider/download/rdb/rdbCheck.ts",
    guard: "if (low !== crc.low || high !== crc.high)",
    without: "if (low < 0)",
  },
  {
    name: "a private address is not downloaded from unasked",
    file: "provider/download/backupUrl.ts",
    guard: '...(isIntranet ? (["private"] as const) : []),',
    without: '...(["private"] as const),',
  },
  {
    name: "a redirect of a download is not followed",
    file: "provider/download/fileRequest.ts",
    guard: "maxRedirects: 0,",
    without: "maxRedirects: 5,",
  },
  {
    name: "a cluster's backup has as many entries as others of the instance",
    file: `${LIFE}backup/wholeness.ts`,
    guard: "if (isKnown && ours.length >= most) return true;",
    without: "if (isKnown) return true;",
  },
  {
    name: "where it isn't known how many shards there are, more may come",
    file: `${LIFE}backup/wholeness.ts`,
    guard: "quietMs >= neededMs",
    without: "quietMs >= 0",
  },
  {
    name: "a backup without a mark is not claimed before its own had time to be listed",
    file: `${LIFE}backup/wait.ts`,
    guard: "if (!absence.isCertain(false)) return undefined;",
    without: "",
  },
  {
    name: "where the vendor shows descriptions nothing without a mark is claimed",
    file: `${LIFE}backup/wait.ts`,
    guard: "!areShown && ",
    without: "",
  },
  {
    name: "a known entry that is gone ends the wait",
    file: `${LIFE}backup/wait.ts`,
    guard: "if (lost.isCertain(lacking.length === 0)) throw",
    without: "if (lacking.length > 99) throw",
  },
  {
    name: "a backup that another resource holds is not deleted with the earlier ones",
    file: `${LIFE}backup/takeOver.ts`,
    guard: "!unfinished.inState(key(entry)) && ",
    without: "",
  },
  {
    name: "an update of a backup at another address doesn't make it the owner",
    file: `${LIFE}backup.ts`,
    guard: "if (error instanceof EntryLostError) requireSameOwner(",
    without: "if (error === undefined) requireSameOwner(",
  },
  {
    name: "nothing is deleted whose final backup was not taken since lists lacked it",
    file: `${LIFE}instance/finalBackup.ts`,
    guard: 'if (instance === undefined) return "gone";',
    without: "if (instance === undefined) return undefined;",
  },
  {
    name: "an instance that has backups is not taken for empty",
    file: `${LIFE}instance/finalBackup.ts`,
    guard: "before.length === 0 && ",
    without: "",
  },
  {
    name: "two downloads don't write into one file",
    file: "provider/download/folderLock.ts",
    guard: "if (isAtWork(pid, path))",
    without: "if (pid < 0)",
  },
];
