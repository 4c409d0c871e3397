import { Command, InvalidArgumentError, Option } from "commander";

import {
  DEFAULT_ACCESS_KEY_ID,
  EmulatorStartError,
  startEmulator,
  type Emulator,
  type EmulatorOptions,
} from "../emulator";
import { CliError, type CliIo } from "./io";

/** Fixed, so that the endpoint in a stack's config outlives a restart. */
const DEFAULT_PORT = 43017;
const DEFAULT_DELIVERY_SECONDS = 10;
const SECRET_VARIABLE = "CDS_EMULATOR_SECRET";

/** The options of `cds-redis emulator` as commander gives them. */
export interface EmulatorCommandOptions {
  readonly port: number;
  readonly host: string;
  readonly allowRemote?: boolean;
  readonly accessKeyId: string;
  readonly accessKeySecret?: string;
  readonly stateFile?: string;
  /** The program that is named, or true when the option stands alone. */
  readonly redis?: string | true;
  readonly deliverySeconds: number;
  readonly deliveryJitter: number;
  readonly backupSeconds?: number;
  readonly deleteSeconds?: number;
  readonly callsPerSecond?: number;
  readonly catalog?: string;
  readonly seed?: string;
  readonly edition: "first" | "newer";
}

export function emulatorCommand(io: CliIo): Command {
  return new Command("emulator")
    .description(
      "Run the vendor's Redis API on this machine, for demos and tests without an account",
    )
    .option("--port <number>", "port to listen on; 0 takes a free one", portNumber, DEFAULT_PORT)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--allow-remote", "let --host be an address that other machines reach")
    .option("--access-key-id <id>", "the AccessKeyId that is let in", DEFAULT_ACCESS_KEY_ID)
    .option(
      "--access-key-secret <secret>",
      `its secret; other users of this machine can see it here, so better set ${SECRET_VARIABLE}`,
    )
    .option("--state-file <file>", "keep instances and backups in this file over restarts")
    .option(
      "--redis [program]",
      "run a real redis-server behind each instance, on loopback alone; backups are its RDB files " +
        "(default program: redis-server or valkey-server on PATH; not with --state-file)",
    )
    .option(
      "--delivery-seconds <number>",
      "time until an instance runs",
      seconds,
      DEFAULT_DELIVERY_SECONDS,
    )
    .option(
      "--delivery-jitter <fraction>",
      "0 to 1: how much the delivery time varies",
      fraction,
      0,
    )
    .option("--backup-seconds <number>", "time of a backup (default: half the delivery)", seconds)
    .option("--delete-seconds <number>", "time of a deletion (default: half the delivery)", seconds)
    .option("--calls-per-second <number>", "refuse more with HTTP 429 (default: no limit)", calls)
    .option(
      "--catalog <file>",
      "regions and products for sale: JSON in the shape of sdk/catalog.json",
    )
    .option("--seed <text>", "makes ids, addresses and jitter repeatable (default: random)")
    .addOption(
      new Option(
        "--edition <name>",
        "of the vendor's documents: CreateDBInstance answers with ids (newer) or without (first)",
      )
        .choices(["first", "newer"])
        .default("newer"),
    )
    .action((options: EmulatorCommandOptions) => runEmulator(options, io));
}

/**
 * Runs the emulator until it is stopped; its request log goes to standard error.
 *
 * @throws CliError when it can't start as asked.
 */
export async function runEmulator(options: EmulatorCommandOptions, io: CliIo): Promise<void> {
  const secret = options.accessKeySecret ?? io.env[SECRET_VARIABLE];
  // Asked for before the start, so that a signal in between is not lost.
  const stopped = io.untilStopped();
  const { redis: program, ...others } = options;
  const redis = typeof program === "string" ? { command: program } : program;
  const emulator = await start({ ...others, redis, accessKeySecret: secret }, io);
  io.out(usage(emulator, secret !== undefined));
  await stopped;
  await emulator.close();
}

async function start(options: EmulatorOptions, io: CliIo): Promise<Emulator> {
  const log = (line: string): void => {
    io.err(`${line}\n`);
  };
  try {
    return await startEmulator({ ...options, log });
  } catch (error) {
    if (!(error instanceof EmulatorStartError)) throw error;
    throw new CliError(error.message, { cause: error });
  }
}

/** The commands to point a stack at it. A secret that the person chose is not repeated. */
function usage(emulator: Emulator, isOwnSecret: boolean): string {
  const secret = isOwnSecret ? "" : ` ${emulator.accessKeySecret}`;
  const url = emulator.url.replace("//0.0.0.0", "//127.0.0.1").replace("//[::]", "//[::1]");
  return [
    `CDS Redis emulator: ${emulator.url}`,
    "Use it in a Pulumi stack:",
    `  pulumi config set cds:endpoint ${url}`,
    `  pulumi config set --secret cds:accessKeyId ${quoted(emulator.accessKeyId)}`,
    `  pulumi config set --secret cds:accessKeySecret${secret}`,
    ...(isOwnSecret ? ["  (it asks for the secret, which is the one you gave)"] : []),
    ...(url === emulator.url
      ? []
      : ["  (the provider takes http:// on this machine alone; elsewhere put TLS before it)"]),
    ...(emulator.redisCommand === undefined
      ? []
      : [`Each instance runs ${emulator.redisCommand} on this machine, until this command ends.`]),
    "Make a call fail, from this machine (GET lists the kinds of faults, DELETE clears):",
    `  curl -H 'Content-Type: application/json' -d '{"kind":"http-502"}' ${emulator.faultsUrl}`,
    "Stop it with Ctrl-C.",
    "",
  ].join("\n");
}

function quoted(word: string): string {
  return /^[\w.:/@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) {
    throw new InvalidArgumentError("It must be a whole number, 0 to 65535.");
  }
  return port;
}

function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) {
    throw new InvalidArgumentError("It must be a number of seconds, 0 or more.");
  }
  return Number(text);
}

function fraction(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > 1)
    throw new InvalidArgumentError("It must be 0 to 1.");
  return value;
}

function calls(text: string): number {
  if (!/^[1-9]\d*$/.test(text))
    throw new InvalidArgumentError("It must be a whole number, 1 or more.");
  return Number(text);
}
