import { readFileSync } from "node:fs";

import ts from "typescript";

/** The functions whose conditions protect money and data, by the promise that they keep. */
export const GUARDS = {
  "An order is sent once, and sent again only where it was certainly not carried out": {
    "provider/core/send.ts": ["sendUntilTaken", "lookBefore", "orderOnce", "neededAfter"],
    "provider/instance/order.ts": ["order"],
    "provider/backup/order.ts": ["startBackup"],
    "provider/vendor/errors.ts": ["isThrottled", "refusalInDoubt", "judge", "saysSeen"],
    "provider/vendor/failure.ts": ["connectionError"],
  },
  "What an interrupted run ordered is taken over or named": {
    "provider/core/recovery.ts": ["settling", "unfinished", "findMade", "ownStack", "lookForMade"],
    "provider/core/ownStack.ts": ["readOwnStack", "unreadStack"],
    "provider/core/import.ts": ["requireSingleImport", "requireNewToStack"],
    "provider/core/account.ts": ["isSameOwner"],
    "provider/instance/order.ts": ["obtain", "takeOver", "nameUnproven"],
    "provider/backup/order.ts": ["obtainBackup", "madeHere", "ownUnrecorded"],
  },
  "What somebody else ordered is not taken for this stack's": {
    "provider/instance/order.ts": ["lookForOthers", "isAsOrdered", "keepOne"],
    "provider/instance/instance.ts": ["requireImportable"],
    "provider/backup/order.ts": ["isOneUnmarked"],
  },
  "Nothing counts as gone because one list, or another account, does not show it": {
    "provider/core/absence.ts": ["isCertain", "isAbsent", "isEnough", "lookUp"],
    "provider/core/account.ts": [
      "findInstance",
      "queryInstance",
      "saidNoInstance",
      "requireSameOwner",
    ],
    "provider/core/send.ts": ["deleteAll", "deleteOne", "falseIfNotFound", "waitAbsent"],
    "provider/instance/instance.ts": ["read", "remove"],
    "provider/backup/find.ts": ["findBackupEntries"],
    "provider/backup/backup.ts": ["remove"],
  },
  "What was paid for stays in the state when a wait for it fails": {
    "provider/instance/deliver.ts": ["deliver", "waitInstanceRunning", "lost"],
    "provider/instance/instance.ts": ["create"],
    "provider/backup/finish.ts": ["finishBackup"],
  },
  "No instance is deleted before its final backup is whole, and no backup counts as whole too early":
    {
      "provider/instance/finalBackup.ts": [
        "finalBackupSetting",
        "takeFinalBackup",
        "isGone",
        "isStillEmpty",
        "backUp",
        "skipped",
      ],
      "provider/backup/finish.ts": [
        "waitBackupFinished",
        "isFinished",
        "mayHaveShards",
        "isCertain",
      ],
    },
};

/** The guards as Stryker's `mutate` wants them: `file:first line-last line`. Throws where one is not there. */
export function guardedLines() {
  return Object.values(GUARDS)
    .flatMap((files) => Object.entries(files))
    .flatMap(([file, names]) => linesOf(file, names));
}

function linesOf(file, names) {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const functions = functionsIn(source);
  return names.map((name) => {
    const found = functions.filter((one) => nameOf(one) === name);
    if (found.length !== 1)
      throw new Error(
        `${file} has ${found.length} functions named ${name}: see mutation/guards.mjs`,
      );
    const [first, last] = [found[0].getStart(source), found[0].end].map(
      (at) => source.getLineAndCharacterOfPosition(at).line + 1,
    );
    return `${file}:${first}-${last}`;
  });
}

const KINDS = [ts.isFunctionDeclaration, ts.isMethodDeclaration, ts.isGetAccessorDeclaration];

/** Functions of the file, methods and getters of its classes, without those inside of other functions. */
function functionsIn({ statements }) {
  return statements
    .flatMap((one) => (ts.isClassDeclaration(one) ? [...one.members] : [one]))
    .filter((one) => KINDS.some((isOfKind) => isOfKind(one)));
}

/** A private method's name is given without its `#`. */
function nameOf({ name }) {
  return name?.text.replace(/^#/, "");
}
