import type { AdoptProgram, Language } from "./adoptProgram";
import { pythonProgram } from "./adoptPython";
import { typescriptProgram } from "./adoptTypeScript";
import { yamlProgram } from "./adoptYaml";

const WRITERS: Readonly<Record<Language, (program: AdoptProgram) => string>> = {
  typescript: typescriptProgram,
  yaml: yamlProgram,
  python: pythonProgram,
};

/** The program as the text of a file. */
export function programText(program: AdoptProgram, language: Language): string {
  return WRITERS[language](program);
}
