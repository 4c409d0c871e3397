import { readFileSync } from "node:fs";

import ts from "typescript";

/** The functions whose conditions protect money and data, by the promise that they keep. */
export const GUARDS = {
  "An order is sent once, and sent again only where it was certainly not carried out": {
    "provider/core/send.ts": ["sendUntilTaken", "lookBefore"],
    "provider/instance/order.ts": ["send", "listed", "afterRefusal", "settle"],
    "provider/backup/start.ts": ["startBackup", "send", "isListed"],
    "provider/vendor/errors.ts": ["judge", "saysSeen"],
  },
  "What an interrupted run ordered is taken over, or named, and never ordered again": {
    "provider/core/recovery.ts": [
      "of",
      "noted",
      "readOwnStack",
      "requireNewToStack",
      "findUnfinished",
      "lookUp",
      "isElsewhere",
    ],
    "provider/instance/order.ts": ["obtainInstance"],
    "provider/instance/takeOver.ts": ["takeOver", "nameUnproven"],
    "provider/backup/takeOver.ts": ["obtainBackup", "obtainNext", "ownUnrecorded"],
  },
  "What somebody else ordered is not taken for this stack's": {
    "provider/instance/order.ts": ["refuseTakenName", "idsOf"],
    "provider/instance/instance.ts": ["requireImportable"],
    "provider/backup/wait.ts": ["waitBackupListed", "isOneUnmarked"],
  },
  "Nothing counts as gone because one list, or another account, does not show it": {
    "provider/core/absence.ts": ["isCertain", "isAbsent", "isEnough"],
    "provider/core/account.ts": ["requireSameOwner"],
    "provider/instance/wait.ts": [
      "findInstanceById",
      "lookUpInstance",
      "queryInstance",
      "lookUpInstances",
    ],
    "provider/instance/instance.ts": ["read", "remove"],
    "provider/backup/wait.ts": ["findBackupEntries"],
  },
  "What was paid for stays in the state when a wait for it fails": {
    "provider/instance/deliver.ts": ["deliver"],
    "provider/instance/wait.ts": ["waitInstanceRunning"],
    "provider/instance/instance.ts": ["create"],
    "provider/backup/finish.ts": ["finish", "wait"],
  },
  "No instance is deleted before its final backup is whole, and no backup counts as whole too early":
    {
      "provider/instance/finalBackup.ts": [
        "finalBackupSetting",
        "takeFinalBackup",
        "isUnknownId",
        "isUnlisted",
        "isStillEmpty",
        "backUp",
        "isSkipped",
      ],
      "provider/backup/wait.ts": ["waitBackupFinished", "isFinished"],
      "provider/backup/shards.ts": ["isCertain", "note", "quietMs", "mayHaveShards"],
      "provider/backup/finish.ts": ["prune", "deleteEntries"],
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

/** Functions of the file and methods of its classes, without those inside of other functions. */
function functionsIn({ statements }) {
  return statements
    .flatMap((one) => (ts.isClassDeclaration(one) ? [...one.members] : [one]))
    .filter((one) => ts.isFunctionDeclaration(one) || ts.isMethodDeclaration(one));
}

/** A private method's name is given without its `#`. */
function nameOf({ name }) {
  return name?.text.replace(/^#/, "");
}
