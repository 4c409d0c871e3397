import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { StoreSnapshot } from "../emulator";
import { FAKE_SECRETS, PLACEHOLDER_URL } from "../scripts/recordedProject.mts";
import { emulatedVendor, type EmulatedVendor } from "./emulatedVendor";
import type { Bag, Held } from "./engineRun";
import { journalInFolder, parseStackRecord, type BegunOrder } from "./face";
import { FakeStack } from "./fakeStack";
import { StackModel, type Declared, type Program } from "./stackModel";

export const STATES = join(__dirname, "engine", "states");

/** The key by which the engine marks a value as one of its own kinds, and the mark of a secret. */
const KIND = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Arguments that the recorded program gives, by the resource's name. `check` fills in the others. */
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  cache: ["regionId", "vdcId", "basePipeId", "version", "architecture", "ramGb", "password"],
  backup: ["instanceId", "description", "triggers", "keepLatest"],
  sessions: [
    ...["regionId", "vdcId", "basePipeId", "version", "architecture", "ramGb", "passwordFrom"],
    ...["passwordVersion", "instanceName", "port", "testGroupId", "subjectId", "finalBackup"],
  ],
  archive: ["account", "vdcId", "basePipeId", "paasGoodsId", "password"],
};
const CONFIG = {
  ...FAKE_SECRETS,
  "cds:endpoint": PLACEHOLDER_URL,
  "cds-second:endpoint": PLACEHOLDER_URL,
  "cds-second:regionId": "CN_Hongkong_A",
};
const HIDDEN = ["__provider", "__urn", "__timeouts", "__import"];

/** A resource as the engine exports it. */
interface Exported {
  readonly urn: string;
  readonly id?: string;
  readonly type: string;
  readonly inputs?: Bag;
  readonly outputs?: Bag;
  readonly dependencies?: readonly string[];
  readonly initErrors?: readonly string[];
}

/** A stack as the engine exports it. */
interface ExportedStack {
  readonly deployment: {
    readonly resources: readonly Exported[];
    readonly pending_operations?: readonly { readonly resource: Exported }[];
  };
}

/** A recorded stack for tests without the engine, and the vendor as it was then. */
export interface RecordedStack {
  readonly vendor: EmulatedVendor;
  readonly model: StackModel;
  /** What hosts read: the state, the creates under way and the notes of orders. */
  readonly stack: FakeStack;
  /** The recorded program. */
  readonly program: Program;
  /** A new host process. */
  readonly host: () => ReturnType<EmulatedVendor["host"]>;
}

/** The names of the recorded states of a version. */
export function recordedNames(version: string): string[] {
  const names = readdirSync(join(STATES, version));
  return names.filter((name) => existsSync(join(STATES, version, name, "stack.json")));
}

/** The notes of orders as the next process on that machine reads them. */
export async function recordedNotes(version: string, name: string): Promise<readonly BegunOrder[]> {
  const recorded = join(STATES, version, name, "orders");
  if (!existsSync(recorded)) return [];
  const home = await mkdtemp(join(tmpdir(), "cds-redis-notes-"));
  try {
    await cp(recorded, join(home, "cds-redis", "orders"), { recursive: true });
    return await journalInFolder({ PULUMI_HOME: home }).unsettled();
  } finally {
    await rm(home, { recursive: true });
  }
}

export async function recordedStack(version: string, name: string): Promise<RecordedStack> {
  const text = exportedText(version, name);
  const { resources } = parsed(text);
  const provider = resources.find(({ type }) => type === "pulumi:providers:pulumi-nodejs");
  const stack = new FakeStack(`${provider?.urn ?? ""}::${provider?.id ?? ""}`);
  const model = new StackModel(stack, undefined, resources.filter(isOurs).map(heldOf));
  stack.creating.push(...parseStackRecord(text).creating);
  for (const note of await recordedNotes(version, name)) stack.noted.set(note.token, note);
  const vendor = emulatedVendor(
    {
      accessKeyId: FAKE_SECRETS["cds:accessKeyId"],
      accessKeySecret: FAKE_SECRETS["cds:accessKeySecret"],
      deliverySeconds: 0,
    },
    JSON.parse(readFileSync(join(STATES, version, name, "vendor.json"), "utf8")) as StoreSnapshot,
  );
  const host = (): ReturnType<EmulatedVendor["host"]> => vendor.host(CONFIG, stack);
  return { vendor, model, stack, program: programOf(version, name), host };
}

/** With secrets in clear, as the engine hands them to the provider. */
function exportedText(version: string, name: string): string {
  const text = readFileSync(join(STATES, version, name, "stack.json"), "utf8");
  return JSON.stringify(JSON.parse(text, inClear));
}

/** The recorded secrets are encrypted, and known: which one it is follows from its place. */
function inClear(this: Bag, key: string, value: unknown): unknown {
  if ((value as Bag | null)?.[KIND] !== SECRET) return value;
  const { password } = FAKE_SECRETS;
  const { ip, port } = this;
  return key === "connectionString"
    ? `redis://:${password}@${String(ip)}:${String(port)}`
    : password;
}

function parsed(text: string): ExportedStack["deployment"] {
  return (JSON.parse(text) as ExportedStack).deployment;
}

function isOurs({ type }: Exported): boolean {
  return type.startsWith("pulumi-nodejs:dynamic/cds:");
}

function heldOf(resource: Exported): Held {
  const { urn, id = "", inputs = {}, outputs = {}, dependencies = [], initErrors = [] } = resource;
  const isCurrent = { pendingDelete: false, pendingReplacement: false };
  return { urn, id, inputs, outputs, dependsOn: dependencies, initErrors, ...isCurrent };
}

/** What the program gave in the end: for what a state lacks, as in the one that has both resources. */
function programOf(version: string, name: string): Program {
  const whole = parsed(exportedText(version, "drifted"));
  const { resources, pending_operations = [] } = parsed(exportedText(version, name));
  const known = [
    ...[...whole.resources, ...resources],
    ...pending_operations.map(({ resource }) => resource),
  ].filter(isOurs);
  return [...new Map(known.map((resource) => [resource.urn, declaredOf(resource)])).values()];
}

function declaredOf({ urn, inputs = {}, dependencies = [] }: Exported): Declared {
  const given = [...HIDDEN, ...(GIVEN[urn.split("::").at(-1) ?? ""] ?? [])];
  const args = Object.fromEntries(Object.entries(inputs).filter(([name]) => given.includes(name)));
  const [instance] = dependencies;
  return {
    urn,
    dependsOn: dependencies,
    args: (idOf) => (instance === undefined ? args : { ...args, instanceId: idOf(instance) }),
  };
}
