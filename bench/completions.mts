// How long an editor takes to offer what is for sale, after the program is opened and after each keystroke.
import { join } from "node:path";

import ts from "typescript";

import { summary, type Summary } from "./summary.mts";

const KEYSTROKES = 20;
/** What is being written at the end of the program, up to where the editor is asked. */
const WRITTEN = {
  regionId: `regionId: "`,
  version: `regionId: "REGION_7_A", version: "`,
  architecture: `regionId: "REGION_7_A", version: "6.2", architecture: "`,
  ramGb: `regionId: "REGION_7_A", version: "6.2", architecture: "cluster", ramGb: `,
};
/** How many choices the catalogue has for each. */
const CHOICES = { regionId: 20, version: 6, architecture: 4, ramGb: 10 };

/** Seconds until the completions of an argument are there, `opened` being the first of all. */
export function completionTimes(path: string, file: string): Readonly<Record<string, Summary>> {
  const name = join(path, file);
  const original = ts.sys.readFile(name) ?? "";
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(path, "tsconfig.json"), (config) => ts.sys.readFile(config)).config,
    ts.sys,
    path,
  );
  let text = original;
  let version = 0;
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getCurrentDirectory: () => path,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    getScriptFileNames: () => [name],
    getScriptVersion: (asked) => (asked === name ? String(version) : "unchanged"),
    getScriptSnapshot: (asked) => {
      const content = asked === name ? text : ts.sys.readFile(asked);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    fileExists: (asked) => ts.sys.fileExists(asked),
    readFile: (asked) => ts.sys.readFile(asked),
    directoryExists: (asked) => ts.sys.directoryExists(asked),
    realpath: (asked) => ts.sys.realpath?.(asked) ?? asked,
  });
  const secondsUntilOffered = (argument: keyof typeof WRITTEN): number => {
    const before = `${original}\nnew cds.RedisInstance("next", { ${WRITTEN[argument]}`;
    const close = WRITTEN[argument].endsWith('"') ? '"' : "";
    text = `${before}${close} });\n`;
    version++;
    const start = performance.now();
    const entries = service.getCompletionsAtPosition(name, before.length, {})?.entries ?? [];
    const seconds = (performance.now() - start) / 1000;
    const offered = entries.filter(({ kind }) => kind === ts.ScriptElementKind.string).length;
    if (offered !== CHOICES[argument])
      throw new Error(`${argument}: ${offered} choices offered instead of ${CHOICES[argument]}`);
    return seconds;
  };
  const opened = secondsUntilOffered("regionId");
  const names = Object.keys(WRITTEN) as (keyof typeof WRITTEN)[];
  return {
    "first after opening": summary([opened]),
    ...Object.fromEntries(
      names.map((argument) => [
        `${argument}, after a keystroke`,
        summary(Array.from({ length: KEYSTROKES }, () => secondsUntilOffered(argument))),
      ]),
    ),
  };
}
