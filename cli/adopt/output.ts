import { lstatSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { Option } from "commander";

import { writeFileAtomically } from "../../provider/disk";
import { extentOf, fillIns, LANGUAGES, type AdoptProgram, type Language } from "./program";
import { waitOf } from "./comments";
import { HELD } from "./holdings";
import { accountLabel } from "../accounts";
import { configCommands, stepsOf } from "./steps";
import { programText } from "./write";

import { jsonText, wrapped } from "../table";
import type { LeftOut } from "./resources";
import { CliError, counted, oneLine, reasonOf, type CliIo } from "../io";
import { jsonOption } from "../vendor";

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
    jsonOption(),
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
    io.out(jsonText({ ...jsonOf(program, language, text), out: out ?? null, leftOut, ...fields }));
    return;
  }
  const say = out === undefined ? io.err : io.out;
  if (out === undefined) io.out(text);
  else io.out(`wrote ${oneLine(out)}: it takes over ${extentOf(program)}.\n`);
  sayLeftOut(leftOut, io);
  for (const wait of program.resources.map(waitOf))
    if (wait !== undefined) io.err(`note: ${wait}\n`);
  for (const { resource, argument, how } of fillIns(program))
    for (const line of wrapped(`fill in ${argument} of ${resource}: ${how}`, "  "))
      say(`${line}\n`);
  for (const line of ["", ...stepsOf(program, language), ...advice]) say(`${line}\n`);
}

/** Writes the object of `--json` where there is nothing to take over, and no file is written. */
export function writeNoProgram(
  { language }: ProgramOptions,
  { leftOut, fields }: ProgramReport,
  io: CliIo,
): void {
  const nothing = { program: "", resources: [], fillIn: [], commands: [] };
  io.out(jsonText({ language, ...nothing, out: null, leftOut, ...fields }));
}

export function sayLeftOut(leftOut: readonly LeftOut[], io: CliIo): void {
  for (const { id, what, reason } of leftOut)
    if (reason !== HELD)
      io.err(`note: left out: ${what}${id === "" ? "" : ` (${id})`}: ${reason}.\n`);
  const held = leftOut.filter(({ reason }) => reason === HELD).length;
  if (held > 0)
    io.err(
      `note: left out: ${counted(held, "resource")} that the given stacks hold, or that their interrupted runs ordered.\n`,
    );
}

async function writeFile(out: string, text: string): Promise<void> {
  try {
    await writeFileAtomically(resolve(out), text, TEAM_MODE);
  } catch (error) {
    throw new CliError(`${out} can't be written: ${reasonOf(error)}.`, { cause: error });
  }
}

function jsonOf(program: AdoptProgram, language: Language, text: string): object {
  return {
    language,
    program: text,
    resources: program.resources.map(({ type, resourceName, id, label, account, status }) => ({
      ...{ type, name: resourceName, id, label },
      ...{ account: accountLabel({ name: account }), status: status ?? null },
    })),
    fillIn: fillIns(program),
    commands: configCommands(program, language),
  };
}
