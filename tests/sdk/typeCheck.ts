// TypeScript programs given as text, checked against the sources of this package as a user's
// compiler and editor would.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import ts from "typescript";

const ROOT = join(__dirname, "../..");
/** Where the programs would lie; the folder is not on disk. */
const FOLDER = join(ROOT, "tests/sdk/programs");

export interface Finding {
  /** The property of an object literal that the compiler underlines, else the text that it does. */
  readonly at: string;
  readonly message: string;
}

export interface TypeCheckOptions {
  /** By default true, as this repository has it. */
  readonly exactOptionalPropertyTypes?: boolean;
}

function compilerOptions({
  exactOptionalPropertyTypes = true,
}: TypeCheckOptions): ts.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes,
    skipLibCheck: true,
    noEmit: true,
    paths: {
      "pulumi-cds-redis": [join(ROOT, "provider/index.ts")],
      "pulumi-cds-redis/sdk": [join(ROOT, "sdk/index.ts")],
    },
  };
}

/** What is on disk is parsed once for all programs, which makes the second and third one cheap. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** Checks all programs at once. The answer holds every program, those without errors too. */
export function diagnose(
  programs: Readonly<Record<string, string>>,
  options: TypeCheckOptions = {},
): ReadonlyMap<string, readonly Finding[]> {
  const texts = inFolder(programs);
  const settings = compilerOptions(options);
  const host = ts.createCompilerHost(settings, true);
  const onDisk = { ...host };
  host.fileExists = (file) => texts.has(file) || onDisk.fileExists(file);
  host.readFile = (file) => texts.get(file) ?? onDisk.readFile(file);
  host.getSourceFile = (file, format, ...rest) => {
    const text = texts.get(file);
    if (text !== undefined) return ts.createSourceFile(file, text, format, true);
    if (!parsed.has(file)) parsed.set(file, onDisk.getSourceFile(file, format, ...rest));
    return parsed.get(file);
  };
  const program = ts.createProgram([...texts.keys()], settings, host);
  const wrongOptions = program.getOptionsDiagnostics();
  if (wrongOptions.length > 0) throw new Error(wrongOptions.map(textOf).join("\n"));
  return new Map(
    Object.keys(programs).map((name) => {
      const file = program.getSourceFile(fileOf(name));
      const all = [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ];
      return [
        name,
        all.map((diagnostic) => ({ at: placeOf(diagnostic), message: textOf(diagnostic) })),
      ];
    }),
  );
}

function fileOf(name: string): string {
  return join(FOLDER, `${name}.ts`);
}

function inFolder(programs: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(programs).map(([name, text]) => [fileOf(name), text]));
}

function textOf({ messageText }: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(messageText, "\n").replaceAll(/\n +/g, "\n");
}

function placeOf({ file, start = 0, length = 0 }: ts.Diagnostic): string {
  return file?.text.slice(start, start + length) ?? "";
}

export interface Editor {
  /** What is offered where the program has a `|`: texts and numbers, or the names of properties. */
  complete(program: string, kind: "values" | "properties"): readonly string[];
  /** What is shown over the last occurrence of a name in the program. */
  hover(program: string, name: string): { readonly type: string; readonly doc: string };
}

/** An editor's language service with one program open. */
export function openEditor(): Editor {
  const file = fileOf("open");
  let text = "";
  let version = 0;
  const settings = compilerOptions({});
  const service = ts.createLanguageService({
    getCompilationSettings: () => settings,
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(version) : "on disk"),
    getScriptSnapshot: (name) =>
      name === file || ts.sys.fileExists(name)
        ? ts.ScriptSnapshot.fromString(name === file ? text : readFileSync(name, "utf8"))
        : undefined,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => (name === file ? text : ts.sys.readFile(name)),
    directoryExists: (name) => ts.sys.directoryExists(name),
  });
  const write = (newText: string): void => {
    text = newText;
    version++;
  };
  return {
    complete(program, kind) {
      const position = program.indexOf("|");
      write(program.slice(0, position) + program.slice(position + 1));
      const entries = service.getCompletionsAtPosition(file, position, {})?.entries ?? [];
      const wanted =
        kind === "values"
          ? ts.ScriptElementKind.string
          : ts.ScriptElementKind.memberVariableElement;
      return entries.filter((entry) => entry.kind === wanted).map((entry) => entry.name);
    },
    hover(program, name) {
      write(program);
      const shown = service.getQuickInfoAtPosition(file, program.lastIndexOf(name));
      return {
        type: ts.displayPartsToString(shown?.displayParts),
        doc: ts.displayPartsToString(shown?.documentation),
      };
    },
  };
}
