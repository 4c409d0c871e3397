// TypeScript programs given as text, checked against the sources of this package as a user's
// compiler and editor would.
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
  host.directoryExists = (folder) => folder === FOLDER || ts.sys.directoryExists(folder);
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

/** The message, its parts unindented and sizes ascending: the compiler has them in the order it first met each. */
function textOf({ messageText }: ts.Diagnostic): string {
  return ts
    .flattenDiagnosticMessageText(messageText, "\n")
    .replaceAll(/\n +/g, "\n")
    .replaceAll(/\b\d+( \| \d+)+\b/g, (sizes) =>
      sizes
        .split(" | ")
        .sort((one, other) => Number(one) - Number(other))
        .join(" | "),
    );
}

function placeOf({ file, start = 0, length = 0 }: ts.Diagnostic): string {
  return file?.text.slice(start, start + length) ?? "";
}

export interface Editor {
  /** What is offered where the program has its last `|`: texts and numbers, or the names of properties. */
  complete(program: string, kind?: "values" | "properties"): readonly string[];
  /** What is shown over the last occurrence of a name in the program. */
  hover(program: string, name: string): { readonly type: string; readonly doc: string };
}

/** An editor's language service with one program open, beside other files of the program. */
export function openEditor(others: Readonly<Record<string, string>> = {}): Editor {
  const open = fileOf("open");
  const texts = inFolder(others);
  let version = 0;
  const write = (text: string): void => {
    texts.set(open, text);
    version++;
  };
  const settings = compilerOptions({});
  const readFile = (file: string) => texts.get(file) ?? ts.sys.readFile(file);
  const service = ts.createLanguageService({
    getCompilationSettings: () => settings,
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    getScriptFileNames: () => [...texts.keys()],
    getScriptVersion: (file) => (file === open ? String(version) : "unchanged"),
    getScriptSnapshot: (file) => {
      const text = readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    fileExists: (file) => texts.has(file) || ts.sys.fileExists(file),
    readFile,
    directoryExists: (folder) => folder === FOLDER || ts.sys.directoryExists(folder),
  });
  return {
    complete(program, kind = "values") {
      const position = program.lastIndexOf("|");
      write(program.slice(0, position) + program.slice(position + 1));
      const entries = service.getCompletionsAtPosition(open, position, {})?.entries ?? [];
      const wanted =
        kind === "values"
          ? ts.ScriptElementKind.string
          : ts.ScriptElementKind.memberVariableElement;
      return entries.filter((entry) => entry.kind === wanted).map((entry) => entry.name);
    },
    hover(program, name) {
      write(program);
      const shown = service.getQuickInfoAtPosition(open, program.lastIndexOf(name));
      return {
        type: ts.displayPartsToString(shown?.displayParts),
        doc: ts.displayPartsToString(shown?.documentation),
      };
    },
  };
}
