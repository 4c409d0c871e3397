import type { AdoptProgram, Language } from "./program";
import { pythonProgram } from "./python";
import { typescriptProgram } from "./typeScript";
import { yamlProgram } from "./yaml";

const WRITERS: Readonly<Record<Language, (program: AdoptProgram) => string>> = {
  typescript: typescriptProgram,
  yaml: yamlProgram,
  python: pythonProgram,
};

/** The program as the text of a file. */
export function programText(program: AdoptProgram, language: Language): string {
  return WRITERS[language](program);
}
