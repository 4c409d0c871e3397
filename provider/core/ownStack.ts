/** What the engine's record says of the stack in work: it proves which orders are this stack's. */
import {
  heldIds,
  recordFailure,
  withSecretsUnknown,
  type ReadStackRecord,
  type RecordedResource,
} from "./records";

/** The input in which the dynamic face hands over the option `import`: such a create orders nothing. */
const IMPORT_INPUT = "__import";

/** What the stack holds. */
export interface Held {
  /** Why the stack's record can't be read; undefined where it was read. */
  readonly reason: string | undefined;
  /** Whether the stack holds an instance, or an entry of a backup, with this id. */
  readonly inState: (id: string) => boolean;
}

/** A create or update whose end the engine has not recorded. */
export interface Begun {
  readonly urn: string;
  readonly token: string;
  /** What was ordered. Secrets are unknown. */
  readonly inputs: RecordedResource["inputs"];
}

export interface OwnStack extends Held {
  /** The engine's reference of the provider resource of the order in work. */
  readonly provider: string;
  /** Those of all provider resources of the stack, which no other stack shares. */
  readonly providers: ReadonlySet<string>;
  readonly begun: readonly Begun[];
  /** Marks of what the stack holds. */
  readonly marks: ReadonlySet<unknown>;
}

/**
 * Reads the record of the stack with this resource. It is the right stack's because the create under
 * way stands in it with its random mark. Throws where it does not, or can't be read.
 */
export async function readOwnStack(
  readStack: ReadStackRecord,
  urn: string,
  token: string,
): Promise<OwnStack> {
  const { resources, creating } = await readStack(urn);
  const mine = creating.find(({ inputs }) => inputs["__token"] === token);
  if (mine?.provider === undefined)
    throw new Error("the stack that the CLI shows is not the one in work");
  const ids = new Set(resources.flatMap(heldIds).map((id) => id.toLowerCase()));
  const ordered = creating.filter(({ inputs }) => inputs[IMPORT_INPUT] === undefined);
  return {
    reason: undefined,
    inState: (id) => ids.has(id.toLowerCase()),
    provider: mine.provider,
    providers: new Set([mine.provider, ...resources.flatMap(providerOf)]),
    begun: ordered.map((one) => {
      const inputs = withSecretsUnknown(one.inputs);
      return { urn: one.urn, token: String(inputs["__token"]), inputs };
    }),
    marks: new Set(resources.flatMap(marksOf)),
  };
}

/** What is known of the stack where its record can't be read: nothing but the reason. */
export function unreadStack(error: unknown): OwnStack {
  const none = new Set<string>();
  const nothing = { provider: "", providers: none, begun: [], marks: none };
  return { ...nothing, reason: recordFailure(error), inState: () => false };
}

/** The reference by which the engine names a provider resource. */
function providerOf({ urn, id }: RecordedResource): string[] {
  return urn.includes("::pulumi:providers:") && id !== undefined ? [`${urn}::${id}`] : [];
}

function marksOf({ inputs, outputs }: RecordedResource): unknown[] {
  const settled: unknown = outputs["__settled"];
  const others: unknown[] = Array.isArray(settled) ? settled : [];
  return [inputs["__token"], outputs["__token"], ...others];
}
