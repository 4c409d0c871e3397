import { Console } from "node:console";
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";

import type { AxiosResponse } from "axios";

import { codeOf } from "../disk";
import { now } from "../time";
import { ProxyError } from "./agent";
import { withoutSecrets } from "./displayText";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
const OWNER_ONLY = 0o600;

/** Why a file can't be opened, by the system's word. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "its folder is not there",
  ENOTDIR: "its folder is not there",
  EISDIR: "it is a folder",
  EACCES: "this user may not write it",
  ELOOP: "it is a link, which is never followed",
  ENXIO: "it is no ordinary file",
};

/** One attempt of a call. */
export interface LoggedCall {
  readonly action: string;
  /** Which attempt of the call it is, counted from 1. */
  readonly attempt: number;
  /** What the vendor may echo and no line may hold. */
  readonly secrets: readonly string[];
}

/** Sends a request. With `CDS_LOG=debug` it also writes a line that says how the request ended. */
export async function logged<T>(
  call: LoggedCall,
  send: () => Promise<AxiosResponse<T>>,
): Promise<AxiosResponse<T>> {
  if (process.env["CDS_LOG"]?.trim().toLowerCase() !== "debug") return send();
  const start = now();
  // The wall clock, for people to compare with other logs.
  const time = new Date().toISOString();
  const write = (fields: Readonly<Record<string, unknown>>): void => {
    const { action, attempt, secrets } = call;
    const all = { time, action, ...fields, ms: Math.round(now() - start), attempt };
    writeLine(Object.entries(all).map(([name, value]) => `${name}=${word(value, secrets)}`));
  };
  let answer: AxiosResponse<T>;
  try {
    answer = await send();
  } catch (error) {
    const { cause } = Object(error) as { readonly cause?: unknown };
    const status = cause instanceof ProxyError ? (cause.status ?? "-") : "-";
    const code = cause instanceof ProxyError ? "ProxyError" : codeOf(error);
    write({ status, code: code === "ERR_CANCELED" ? "TimedOut" : code, taskId: "-" });
    throw error;
  }
  write({ status: answer.status, ...envelopeOf(answer.data) });
  return answer;
}

/** `Code` and `TaskId` of an answer that the client has not checked. */
function envelopeOf(data: unknown): { readonly code: unknown; readonly taskId: unknown } {
  const { Code: code, TaskId: taskId } = Object(data) as { Code?: unknown; TaskId?: unknown };
  return { code, taskId };
}

/** A value as one word: `-` where there is none, `odd` where it is no plain word. Errors tell more of it. */
function word(value: unknown, secrets: readonly string[]): string {
  if (typeof value === "number") return `${value}`;
  if (typeof value !== "string" || value === "") return "-";
  return /^[\w.:-]{1,100}$/.test(value) ? withoutSecrets(value, secrets) : "odd";
}

/** The file of `CDS_LOG_FILE` that is open; no descriptor where it can't be used. */
let opened: { readonly path: string; readonly descriptor: number | undefined } | undefined;

/** Never throws: the call that the line is about has succeeded, or has an error of its own. */
function writeLine(fields: readonly string[]): void {
  const line = `${fields.join(" ")}\n`;
  const path = process.env["CDS_LOG_FILE"] ?? "";
  try {
    if (opened?.path !== path) open(path);
    // At once, so that the last lines are there when the process is killed.
    if (opened?.descriptor !== undefined) writeSync(opened.descriptor, line);
    else toStandardError(line);
  } catch (error) {
    giveUp(path, codeOf(error) ?? "it can't be written");
    toStandardError(line);
  }
}

/** A console passes over a standard error that nobody reads any more. A stream would end the process. */
function toStandardError(line: string): void {
  new Console(process.stderr).log(line.trimEnd());
}

function open(path: string): void {
  if (opened?.descriptor !== undefined) closeSync(opened.descriptor);
  opened = { path, descriptor: undefined };
  if (path === "") return;
  try {
    // Without waiting for the reader of a named pipe.
    const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
    const descriptor = openSync(path, flags, OWNER_ONLY);
    const fault = faultOf(descriptor);
    if (fault === undefined) opened = { path, descriptor };
    else {
      closeSync(descriptor);
      giveUp(path, fault);
    }
  } catch (error) {
    giveUp(path, REASONS[codeOf(error) ?? ""] ?? codeOf(error) ?? "it can't be opened");
  }
}

/** Why an open file may not take the log; undefined where it may. */
function faultOf(descriptor: number): string | undefined {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) return "it is no ordinary file";
  if (stats.nlink > 1) return "it has a second name (a hard link)";
  // Windows has no such owners and modes.
  if (process.getuid === undefined) return undefined;
  if (stats.uid !== process.getuid()) return "it belongs to another user";
  const mode = stats.mode & 0o777;
  if ((mode & 0o077) === 0) return undefined;
  return `other users may open it (mode ${mode.toString(8)}): run \`chmod 600\` on it`;
}

/** Warns once. The log goes on on standard error, and so does the call. */
function giveUp(path: string, reason: string): void {
  opened = { path, descriptor: undefined };
  toStandardError(
    `warning: CDS_LOG_FILE ${JSON.stringify(path)} is not used: ${reason}. The log goes to standard error.`,
  );
}
