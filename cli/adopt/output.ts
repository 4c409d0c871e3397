import { lstatSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { Option } from "commander";

import { writeFileAtomically } from "../../provider/disk";
import {
  configCommands,
  extentOf,
  fillIns,
  LANGUAGES,
  stepsOf,
  type AdoptProgram,
  type Language,
} from "./program";
import { programText } from "./write";

import { jsonText, wrapped } from "../table";
import type { LeftOut } from "./resources";
import { CliError, oneLine, reasonOf, type CliIo } from "../io";

/** The options of the commands that write a program, as commander gives them. */
export interface ProgramOptions {
  readonly language: Language;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Whoever the system's umask lets may read the program: it holds no secret. */
const TEAM_MODE = 0o666;

export function programOptions(): Option[] {
  return [
    new Option(
      "--language <language>",
      "the language of the program; yaml and python need the plugin",
    )
      .choices(LANGUAGES)
      .default("typescript"),
    new Option("--out <file>", "write the program to this file (default: standard output)"),
    new Option("--force", "overwrite the file"),
    new Option("--json", "write one JSON object for scripts to standard output"),
  ];
}

/** @throws CliError when the file can't be written, before anything is read for it. */
export function requireWritable({ out, force = false }: ProgramOptions): void {
  if (out === undefined) return;
  const path = resolve(out);
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new CliError(
      `${out} can't be written: there is no folder ${dirname(path)}. Make it first.`,
    );
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined && !force)
    throw new CliError(
      `${out} exists. Name another file with --out, or overwrite it with --force.`,
    );
}

/** What a command says of its program besides the program. */
export interface ProgramReport {
  readonly leftOut: readonly LeftOut[];
  /** Lines for people, after the steps. */
  readonly advice: readonly string[];
  /** Fields for `--json`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Writes the program and what to do with it. On standard output the program stands alone, and the
 * advice goes to standard error.
 *
 * @throws CliError when the file can't be written.
 */
export async function writeProgram(
  program: AdoptProgram,
  options: ProgramOptions,
  { leftOut, advice, fields }: ProgramReport,
  io: CliIo,
): Promise<void> {
  const { language, out, json = false } = options;
  const text = programText(program, language);
  if (out !== undefined) await writeFile(out, text);
  if (json) {
    io.out(jsonText(jsonOf(program, language, text, { out, leftOut, ...fields })));
    return;
  }
  const say = out === undefined ? io.err : io.out;
  if (out === undefined) io.out(text);
  else io.out(`wrote ${oneLine(out)}: it takes over ${extentOf(program)}.\n`);
  sayLeftOut(leftOut, io);
  for (const { resource, argument, how } of fillIns(program))
    for (const line of wrapped(`fill in ${argument} of ${resource}: ${how}`, "  "))
      say(`${line}\n`);
  for (const line of ["", ...stepsOf(program, language), ...advice]) say(`${line}\n`);
}

export function sayLeftOut(leftOut: readonly LeftOut[], io: CliIo): void {
  for (const { id, what, reason } of leftOut)
    io.err(`note: left out: ${what} (${id}): ${reason}.\n`);
}

async function writeFile(out: string, text: string): Promise<void> {
  try {
    await writeFileAtomically(resolve(out), text, TEAM_MODE);
  } catch (error) {
    throw new CliError(`${out} can't be written: ${reasonOf(error)}.`, { cause: error });
  }
}

function jsonOf(
  program: AdoptProgram,
  language: Language,
  text: string,
  fields: Readonly<Record<string, unknown>>,
): object {
  return {
    language,
    program: text,
    resources: program.resources.map(({ type, resourceName, id, label, account }) => ({
      ...{ type, name: resourceName, id, label, account: account ?? null },
    })),
    fillIn: fillIns(program),
    commands: configCommands(program, language),
    ...fields,
  };
}
