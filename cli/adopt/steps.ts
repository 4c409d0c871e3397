/** What a person does with a program, step by step. */

import { endpointUrl } from "../../provider/core/configuration";
import {
  accountKeys,
  extentOf,
  fillIns,
  passwords,
  type AdoptProgram,
  type Language,
  type ProgramSecret,
} from "./program";

const CHINA = endpointUrl(undefined, "endpoint");

/** The `pulumi config set` commands that the program needs, with where each secret comes from. */
export function configCommands(program: AdoptProgram, language: Language): string[] {
  return [
    ...settingCommands(program, language),
    ...passwords(program).map((secret) => [...sourceLines(secret), setSecret(secret)].join(" ")),
  ];
}

/** The commands for the endpoint and the keys of the accounts. Those for keys ask for the value. */
function settingCommands(program: AdoptProgram, language: Language): string[] {
  const keys = program.accounts.flatMap(({ name, variable, endpoint }) => {
    const [id, secret, at] = accountKeys({ name, variable }, language);
    return [`--secret ${id}`, `--secret ${secret}`, `${at} ${endpoint}`];
  });
  const { endpoint = CHINA } = program;
  const place = endpoint === CHINA ? [] : [`${namespaceOf(language)}:endpoint ${endpoint}`];
  return [...place, ...keys].map((key) => `pulumi config set ${key}`);
}

function setSecret({ secret }: ProgramSecret): string {
  return `pulumi config set --secret ${secret}`;
}

/** The lines before {@link setSecret} that give it the value; none where it asks. */
function sourceLines({ source }: ProgramSecret): string[] {
  const lines = source?.command ?? [];
  return lines.map((line, index) => (index === lines.length - 1 ? `${line} |` : line));
}

/** The steps for the comments at the top of the program. */
export function headerOf(program: AdoptProgram, language: Language): string[] {
  const commands = [
    ...settingCommands(program, language),
    ...passwords(program).map((secret) => setSecret(secret)),
  ];
  return [
    `This program takes over ${extentOf(program)} of Redis.`,
    `Written by \`${program.writtenBy}\`.`,
    "",
    ...numbered(program, language, [
      "Set the secrets. Each command asks for its value. The vendor tells no",
      "password, so nothing compares it: to correct it later is a replacement.",
      ...commands.map((command) => `  ${command}`),
    ]),
  ];
}

/** The steps for a terminal. Lines that begin with blanks are commands, or say what the next one is for. */
export function stepsOf(program: AdoptProgram, language: Language): string[] {
  const isSourced = passwords(program).some(({ source }) => (source?.command.length ?? 0) > 0);
  const how = isSourced
    ? [
        "Set the secrets. Each command takes the password of one instance from the",
        "state into the configuration, and shows it nowhere. It needs jq. The vendor",
        "tells no password, so nothing compares it: to correct it later is a",
        "replacement.",
      ]
    : [
        "Set the secrets. Each command asks for its value. The vendor tells no",
        "password, so nothing compares it: to correct it later is a replacement.",
      ];
  return numbered(program, language, [
    ...how,
    ...settingCommands(program, language).map((command) => `  ${command}`),
    ...passwords(program).flatMap(secretLines),
  ]);
}

function secretLines(password: ProgramSecret): string[] {
  const { secret, source } = password;
  if (source === undefined) return [`  ${setSecret(password)}`];
  const { place, command } = source;
  if (command.length === 0)
    return [
      `  # ${secret}, of ${place}: the state lacks it, so type it`,
      `   ${setSecret(password)}`,
    ];
  const lines = [...sourceLines(password), setSecret(password)];
  return [
    `  # ${secret}, of ${place}`,
    ...lines.map((line, index) => `${" ".repeat(index === 0 ? 3 : 5)}${line}`),
  ];
}

/** Where a preview reads the key of the account that has no name, and its address where no command sets it. */
function keyLines({ resources, endpoint }: AdoptProgram, language: Language): string[] {
  if (resources.every(({ account }) => account !== undefined)) return [];
  const namespace = namespaceOf(language);
  return [
    "It reads the access key from CDS_SECRET_ID and CDS_SECRET_KEY, or from",
    `${namespace}:accessKeyId and ${namespace}:accessKeySecret of the stack.`,
    ...(endpoint === undefined
      ? [`It asks the address \`china\` unless ${namespace}:endpoint says another.`]
      : []),
  ];
}

function namespaceOf(language: Language): string {
  return language === "typescript" ? "cds" : "cds-redis";
}

function numbered(program: AdoptProgram, language: Language, secrets: readonly string[]): string[] {
  const missing = fillIns(program).length;
  const steps = [
    ...(missing === 0
      ? []
      : [[`Fill in ${missing === 1 ? "the value" : `the ${missing} values`} under FILL IN.`]]),
    secrets,
    [
      "Run `pulumi preview`. It compares what exists with the program, and an",
      "error names each difference.",
      ...keyLines(program, language),
    ],
    language === "typescript"
      ? ["Run `pulumi up`. It changes nothing at the vendor. Then remove the", "options `import`."]
      : [
          "Run `pulumi up` twice: the second run records what the vendor does not",
          "tell. Neither changes anything at the vendor. Then remove the options",
          "`import`.",
        ],
  ];
  return steps.flatMap((lines, index) =>
    lines.map((line, row) => `${row === 0 ? `${index + 1}. ` : "   "}${line}`),
  );
}
