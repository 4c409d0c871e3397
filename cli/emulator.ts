import { Command, InvalidArgumentError, Option } from "commander";

import {
  DEFAULT_ACCESS_KEY_ID,
  EmulatorStartError,
  startEmulator,
  type Emulator,
  type EmulatorOptions,
} from "../emulator";
import { CliError, type CliIo } from "./io";
import { shellWord } from "./shellWord";
import { jsonLine } from "./table";

/** A fixed port, so that the endpoint in a stack's configuration is still right after a restart. */
const DEFAULT_PORT = 43017;
const DEFAULT_DELIVERY_SECONDS = 10;
const SECRET_VARIABLE = "CDS_EMULATOR_SECRET";

/** The options of `cds-redis emulator` as commander gives them. */
export interface EmulatorCommandOptions {
  readonly port: number;
  readonly host: string;
  readonly allowRemote?: boolean;
  readonly publicUrl?: string;
  readonly accessKeyId: string;
  readonly accessKeySecret?: string;
  readonly stateFile?: string;
  /** The program to run, or true when the option has no value. */
  readonly redis?: string | true;
  readonly deliverySeconds: number;
  readonly deliveryJitter: number;
  readonly backupSeconds?: number;
  readonly deleteSeconds?: number;
  readonly callsPerSecond?: number;
  readonly catalog?: string;
  readonly seed?: string;
  readonly edition: "first" | "newer";
  readonly anyNetwork?: boolean;
  readonly json?: boolean;
}

const HELP = `
The log of calls goes to standard error. The command runs until Ctrl-C.

Exit codes: 0 stopped; 2 wrong use, or it can't start as asked.

Examples:
  cds-redis emulator
  cds-redis emulator --state-file emulator.json --delivery-seconds 60
  cds-redis emulator --port 0 --json 2>calls.log`;

export function emulatorCommand(io: CliIo): Command {
  const command = new Command("emulator")
    .description(
      "Run the vendor's Redis API on this machine, for demos and tests without an account",
    )
    .action((options: EmulatorCommandOptions) => runEmulator(options, io));
  for (const option of [...serverOptions(), ...vendorOptions()]) command.addOption(option);
  return command
    .option("--json", "once it listens, write one line of JSON for scripts to standard output")
    .addHelpText("after", HELP);
}

/** Where the emulator listens, whom it lets in, and what it keeps and runs on this machine. */
function serverOptions(): Option[] {
  return [
    new Option("--port <number>", "port to listen on; 0 takes a free one")
      .argParser(portNumber)
      .default(DEFAULT_PORT),
    new Option("--host <address>", "address to listen on").default("127.0.0.1"),
    new Option("--allow-remote", "let --host be an address that other machines reach"),
    new Option("--public-url <url>", "where clients reach it, for the URLs of DownloadBackup"),
    new Option("--access-key-id <id>", "the AccessKeyId that is let in").default(
      DEFAULT_ACCESS_KEY_ID,
    ),
    new Option(
      "--access-key-secret <secret>",
      `its secret; other users of this machine can see it here, so better set ${SECRET_VARIABLE}`,
    ),
    new Option("--state-file <file>", "keep instances and backups in this file over restarts"),
    new Option(
      "--redis [program]",
      "run a real redis-server behind each instance, on loopback alone; backups are its RDB files " +
        "(default program: redis-server or valkey-server on PATH; not with --state-file)",
    ),
  ];
}

/** How the emulated vendor behaves. */
function vendorOptions(): Option[] {
  return [
    new Option("--delivery-seconds <number>", "time until an instance runs")
      .argParser(seconds)
      .default(DEFAULT_DELIVERY_SECONDS),
    new Option("--delivery-jitter <fraction>", "0 to 1: how much the delivery time varies")
      .argParser(fraction)
      .default(0),
    new Option(
      "--backup-seconds <number>",
      "time of a backup (default: half the delivery)",
    ).argParser(seconds),
    new Option(
      "--delete-seconds <number>",
      "time of a deletion (default: half the delivery)",
    ).argParser(seconds),
    new Option(
      "--calls-per-second <number>",
      "refuse more with HTTP 429 (default: no limit)",
    ).argParser(calls),
    new Option(
      "--catalog <file>",
      "regions and products for sale: JSON in the shape of sdk/catalog.json",
    ),
    new Option("--seed <text>", "makes ids, addresses and jitter repeatable (default: random)"),
    new Option(
      "--edition <name>",
      "of the vendor's documents: CreateDBInstance answers with ids (newer) or without (first)",
    )
      .choices(["first", "newer"])
      .default("newer"),
    new Option(
      "--any-network",
      "take orders with any VdcId and BasePipeId, and list no data center",
    ),
  ];
}

/**
 * Runs the emulator until it is stopped. Its request log goes to standard error.
 *
 * @throws CliError when the emulator cannot start as asked.
 */
export async function runEmulator(options: EmulatorCommandOptions, io: CliIo): Promise<void> {
  const secret = options.accessKeySecret ?? io.env[SECRET_VARIABLE];
  // Listens before the start, so that no signal is lost.
  const stopped = io.untilStopped();
  const { redis: program, json = false, ...others } = options;
  const redis = typeof program === "string" ? { command: program } : program;
  const emulator = await start({ ...others, redis, accessKeySecret: secret }, io);
  const isOwnSecret = secret !== undefined;
  const { anyNetwork: isAnyNetwork = false } = options;
  io.out(
    json
      ? jsonLine(fieldsOf(emulator, options, isOwnSecret))
      : usage(emulator, isOwnSecret, isAnyNetwork),
  );
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

/** The commands that point a stack at the emulator. A secret that the person chose is not printed. */
function usage(emulator: Emulator, isOwnSecret: boolean, isAnyNetwork: boolean): string {
  const secret = isOwnSecret ? "" : ` ${emulator.accessKeySecret}`;
  const url = endpointOf(emulator);
  return [
    `CDS Redis emulator: ${emulator.url}`,
    "Use it in a Pulumi stack:",
    `  pulumi config set cds:endpoint ${url}`,
    `  pulumi config set --secret cds:accessKeyId ${shellWord(emulator.accessKeyId)}`,
    `  pulumi config set --secret cds:accessKeySecret${secret}`,
    ...(isOwnSecret ? ["  (it asks for the secret, which is the one you gave)"] : []),
    "  (the plugin for YAML, Python and Go reads cds-redis: instead of cds:)",
    ...(isAnyNetwork
      ? []
      : ["  pulumi config set vdcName hongkong && pulumi config set networkName cache"]),
    "Use it in the commands, such as `cds-redis doctor`:",
    `  export CDS_ENDPOINT=${url} CDS_SECRET_ID=${shellWord(emulator.accessKeyId)}`,
    isOwnSecret
      ? "  export CDS_SECRET_KEY=<the secret that you gave>"
      : `  export CDS_SECRET_KEY=${emulator.accessKeySecret}`,
    ...(url === emulator.url
      ? []
      : ["  (the provider takes http:// on this machine alone; elsewhere put TLS before it)"]),
    ...(emulator.redisCommand === undefined
      ? []
      : [`Each instance runs ${emulator.redisCommand} on this machine, until this command ends.`]),
    `See and change it in a browser on this machine: ${emulator.pageUrl}`,
    "Make a call fail, from this machine (GET lists the kinds of faults, DELETE clears):",
    `  curl -H 'Content-Type: application/json' -d '{"kind":"http-502"}' ${emulator.faultsUrl}`,
    "Stop it with Ctrl-C.",
    "",
  ].join("\n");
}

/** The endpoint as this machine reaches it: a wildcard address can be listened on, but not called. */
function endpointOf({ pageUrl }: Emulator): string {
  return pageUrl.replace(/\/$/, "");
}

/** The fields that scripts may rely on. What was left out is null, or the value that holds without it. */
function fieldsOf(
  emulator: Emulator,
  options: EmulatorCommandOptions,
  isOwnSecret: boolean,
): object {
  const { pageUrl, faultsUrl, accessKeyId, accessKeySecret, redisCommand } = emulator;
  const { stateFile = null, catalog = null, seed = null, deliverySeconds } = options;
  return {
    ...{ url: endpointOf(emulator), pageUrl, faultsUrl, pid: process.pid, accessKeyId },
    accessKeySecret: isOwnSecret ? null : accessKeySecret,
    ...{ stateFile, redisCommand: redisCommand ?? null },
    options: {
      ...{ deliverySeconds, deliveryJitter: options.deliveryJitter },
      backupSeconds: options.backupSeconds ?? deliverySeconds / 2,
      deleteSeconds: options.deleteSeconds ?? deliverySeconds / 2,
      callsPerSecond: options.callsPerSecond ?? null,
      ...{ catalog, seed, edition: options.edition, anyNetwork: options.anyNetwork ?? false },
      publicUrl: options.publicUrl ?? null,
    },
  };
}

const portNumber = numberParser(/^\d+$/, 65535, "a whole number, 0 to 65535");
const seconds = numberParser(/^\d+(\.\d+)?$/, Infinity, "a number of seconds, 0 or more");
const fraction = numberParser(/^\d+(\.\d+)?$/, 1, "0 to 1");
const calls = numberParser(/^[1-9]\d*$/, Infinity, "a whole number, 1 or more");

/** Reads the number of an option. Commander prints the requirement after the option's name. */
function numberParser(
  pattern: RegExp,
  most: number,
  requirement: string,
): (text: string) => number {
  return (text) => {
    if (pattern.test(text) && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`It must be ${requirement}.`);
  };
}
