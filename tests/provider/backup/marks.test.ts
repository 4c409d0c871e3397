import { withoutMark } from "../../../provider/backup/entries";
import { markedEntries, nextToken, seriesEntries } from "../../../provider/backup/order";
import type { BackupEntry } from "../../../provider/vendor/types";

const FIRST = "0123456789ab";
const SECOND = nextToken(FIRST, ["v2"]);
const THIRD = nextToken(SECOND, ["v3"]);

function entries(...descriptions: string[]): BackupEntry[] {
  const [startTime, endTime] = ["", ""];
  const rest = { shardId: "", status: "finished", sizeBytes: 1, mode: "manual" };
  return descriptions.map((description) => {
    return { ...rest, description, backupId: description, startTime, endTime };
  });
}

const ALL = entries(
  `pulumi-${FIRST}`,
  `nightly pulumi-${SECOND}`,
  `pulumi-${THIRD}`,
  `pulumi-${FIRST}0`,
  `pulumi-${FIRST.replace("0", "f")}`,
  "by hand",
);
const ids = (found: readonly BackupEntry[]): string[] => found.map(({ backupId }) => backupId);

test("a backup is told by its own mark from those before and after it", () => {
  expect(ids(markedEntries(ALL, FIRST))).toEqual([`pulumi-${FIRST}`]);
  expect(ids(markedEntries(ALL, SECOND))).toEqual([`nightly pulumi-${SECOND}`]);
});

test("all backups of one resource are told from those of others", () => {
  for (const token of [FIRST, SECOND, THIRD])
    expect(ids(seriesEntries(ALL, token))).toEqual(ids(ALL.slice(0, 3)));
});

test("what is left of a description is the user's text", () => {
  expect(withoutMark(`nightly pulumi-${SECOND}`)).toBe("nightly");
  expect(withoutMark(`pulumi-${FIRST}`)).toBe("");
  expect(withoutMark("not pulumi-made")).toBe("not pulumi-made");
});
