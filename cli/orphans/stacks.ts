import { z } from "zod";

import { heldIds, parseStackRecord, type RecordedResource } from "../../provider/core/records";
import { BACKUP_TYPE, INSTANCE_TYPE } from "../../provider/dynamic/contract";
import { CliError, inputName, oneLine, readText, type CliIo } from "../io";

const EXPORT_ADVICE = "Write it by `pulumi stack export --stack <stack> --file <file>`.";
const INSTANCE_TYPES: readonly string[] = [INSTANCE_TYPE, "cds-redis:index:RedisInstance"];
const BACKUP_TYPES: readonly string[] = [BACKUP_TYPE, "cds-redis:index:RedisBackup"];

/** A resource of this package in an export. */
export interface StackResource {
  /** `<project>/<stack>`. */
  readonly stack: string;
  /** Its name in the program. */
  readonly name: string;
  readonly type: "instance" | "backup";
  /** Its own id, and `<instanceId>/<BackupId>` of each entry of a backup. */
  readonly ids: readonly string[];
  /** Whether the stack holds it: what `get` reads belongs to somebody else. */
  readonly isHeld: boolean;
  /** Whether the run that was to make it has not ended, or was interrupted. */
  readonly isPending: boolean;
  /** The mark in the descriptions of its backups. */
  readonly token: string | undefined;
  /** The name at the vendor, where it is no secret. */
  readonly instanceName: string | undefined;
}

/** The resources of this package in all exports. */
export interface Stacks {
  /** Each `<project>/<stack>` once. An export without any resource does not say whose it is. */
  readonly names: readonly string[];
  /** How many exports were read. */
  readonly exports: number;
  readonly resources: readonly StackResource[];
}

/**
 * Reads the exports in files, or those on standard input where no file is given.
 *
 * @throws CliError that shows nothing of their content.
 */
export async function readStacks(files: readonly string[], io: CliIo): Promise<Stacks> {
  if (files.length === 0 && io.errTerminal !== undefined)
    io.err("note: reading what `pulumi stack export` prints from standard input.\n");
  const names = new Set<string>();
  const resources: StackResource[] = [];
  let exports = 0;
  for (const file of files.length === 0 ? ["-"] : files) {
    const name = inputName(file);
    const documents = documentsIn(await readText(file, io, EXPORT_ADVICE));
    if (documents.length === 0)
      throw new CliError(
        `${name} is empty, so everything would count as an orphan. Give what \`pulumi stack export\` prints.`,
      );
    exports += documents.length;
    for (const document of documents) {
      const found = resourcesIn(document, name);
      for (const { stack } of found) names.add(stack);
      resources.push(...found.flatMap(({ resource }) => resource ?? []));
    }
  }
  return { names: [...names], exports, resources };
}

/** The JSON objects that stand one after another in a text: the exports of several stacks in one stream. */
export function documentsIn(text: string): string[] {
  const documents: string[] = [];
  let [depth, start, isText] = [0, 0, false];
  // Texts with their escapes, or brackets: nothing else opens or closes an object.
  for (const { 0: token, index } of text.matchAll(/\\.|["{}]/gsu)) {
    if (token === '"') isText = !isText;
    if (isText || (token !== "{" && token !== "}")) continue;
    depth += token === "{" ? 1 : -1;
    if (depth !== 0) continue;
    documents.push(text.slice(start, index + 1));
    start = index + 1;
  }
  const rest = text.slice(start).replace(/^\uFEFF/, "");
  return rest.trim() === "" ? documents : [...documents, rest];
}

const stackResource = z.looseObject({ type: z.string(), external: z.boolean().optional() });

/** Every resource with its stack; those of other types without what is read of them. */
function resourcesIn(
  document: string,
  file: string,
): { readonly stack: string; readonly resource?: StackResource }[] {
  let record: ReturnType<typeof parseStackRecord>;
  try {
    record = parseStackRecord(document.replace(/^\uFEFF/, ""));
  } catch {
    // The words of the parsers hold parts of the file.
    throw new CliError(
      `${file} is no export of a stack. Give what \`pulumi stack export\` prints. A checkpoint file of a backend is none.`,
    );
  }
  return [
    ...record.resources.map((one) => readResource(one, false)),
    ...record.creating.map((one) => readResource(one, true)),
  ];
}

function readResource(
  recorded: RecordedResource,
  isPending: boolean,
): { readonly stack: string; readonly resource?: StackResource } {
  const [prefix = "", project = "", , ...name] = recorded.urn.split("::");
  const stack = oneLine(`${project}/${prefix.replace("urn:pulumi:", "")}`);
  const { type = "", external = false } = stackResource.safeParse(recorded).data ?? {};
  const isInstance = INSTANCE_TYPES.includes(type);
  if (!isInstance && !BACKUP_TYPES.includes(type)) return { stack };
  const text = (key: string): string | undefined => {
    const value = recorded.outputs[key] ?? recorded.inputs[key];
    return typeof value === "string" ? value : undefined;
  };
  return {
    stack,
    resource: {
      stack,
      name: oneLine(name.join("::")),
      type: isInstance ? "instance" : "backup",
      ids: heldIds(recorded),
      isHeld: !external && !isPending,
      isPending,
      token: text("__token"),
      instanceName: text("instanceName"),
    },
  };
}
