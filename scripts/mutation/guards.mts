import { BACKUP_GUARDS } from "./backupGuards.mts";
import type { Guard } from "./guard.mts";

const LIFE = "provider/lifecycle/";
const RECOVERY = `${LIFE}recovery/`;

export const GUARDS: readonly Guard[] = [
  {
    name: "one list without it is no proof that it is gone",
    file: `${LIFE}absence.ts`,
    guard: "GONE: Needed = { lists: 3, ms: 0 }",
    without: "GONE: Needed = { lists: 1, ms: 0 }",
  },
  {
    name: "an instance that is being delivered may be missing from lists for a while",
    file: `${LIFE}absence.ts`,
    guard: "LOST: Needed = { lists: 3, ms: 30_000 }",
    without: "LOST: Needed = { lists: 1, ms: 0 }",
  },
  {
    name: "what may have been ordered is looked for long enough",
    file: `${LIFE}absence.ts`,
    guard: "NEVER_MADE: Needed = { lists: 5, ms: 120_000 }",
    without: "NEVER_MADE: Needed = { lists: 1, ms: 0 }",
  },
  {
    name: "lists that lack it must follow one another",
    file: `${LIFE}absence.ts`,
    guard: "this.#lists = 0;\n      this.#since",
    without: "this.#since",
  },
  {
    name: "a create with an unclear answer is never sent again",
    file: `${LIFE}sending.ts`,
    guard: "if (!error.postponed && !(sending.harmlessTwice && error.ambiguous)) return false;",
    without: "if (!error.postponed && !error.ambiguous) return false;",
  },
  {
    name: "a delete with an unclear answer is sent again",
    file: `${LIFE}sending.ts`,
    guard: "if (!error.postponed && !(sending.harmlessTwice && error.ambiguous)) return false;",
    without: "if (!error.postponed) return false;",
  },
  {
    name: "before a write is sent again it is looked whether it came true",
    file: `${LIFE}sending.ts`,
    guard: "if (done !== undefined) return done;",
    without: "",
  },
  {
    name: "before an order is sent again several lists lack it",
    file: `${LIFE}instanceOrder.ts`,
    guard: "isHeld,\n          GONE,",
    without: "isHeld,\n          { lists: 1, ms: 0 },",
  },
  {
    name: "before a backup is started again several lists lack it",
    file: `${LIFE}backupStart.ts`,
    guard: "absence.isCertain(isMarked) ? false : undefined",
    without: "false",
  },
  {
    name: "a write that is refused for a while is given up at the deadline",
    file: `${LIFE}sending.ts`,
    guard: "if (clock.now() >= deadline) throw",
    without: "if (clock.now() >= Number.POSITIVE_INFINITY) throw",
  },
  {
    name: "an instance is ours by its whole name alone",
    file: `${LIFE}instanceWait.ts`,
    guard: "(instances) => instances.filter((instance) => instance.instanceName === name)",
    without:
      "(instances) => instances.filter((instance) => instance.instanceName.startsWith(name))",
  },
  {
    name: "a name that is in use is refused before anything is ordered",
    file: `${LIFE}instanceOrder.ts`,
    guard: "if (taken === undefined) return;",
    without: "return;",
  },
  {
    name: "an order that gave two instances names both",
    file: `${LIFE}instanceOrder.ts`,
    guard: "if (others.length === 0) return id;",
    without: "return id;",
  },
  {
    name: "an order of the stack's own record is taken over",
    file: `${LIFE}instanceTakeOver.ts`,
    guard: "if (orders.length === 0) return undefined;",
    without: "return undefined;",
  },
  {
    name: "without the stack's record nothing noted here is ordered twice",
    file: `${LIFE}instanceTakeOver.ts`,
    guard: "if (ours.length > 0)\n",
    without: "if (ours.length > 99)\n",
  },
  {
    name: "an order that was taken over with other arguments is not called what the program says",
    file: `${LIFE}instanceTakeOver.ts`,
    guard: "if (others.length > 0 || changed.length > 0) {",
    without: "if (others.length > 0) {",
  },
  {
    name: "a name of the user's is no proof",
    file: `${LIFE}instanceTakeOver.ts`,
    guard: ".filter((one) => isAutomatic(one.inputs))",
    without: "",
  },
  {
    name: "an order for another resource is no proof",
    file: `${RECOVERY}unfinished.ts`,
    guard: "resource.urn === urn && ",
    without: "",
  },
  {
    name: "an import is no order",
    file: `${RECOVERY}unfinished.ts`,
    guard: ' && resource.inputs["__import"] === undefined',
    without: "",
  },
  {
    name: "a note of another stack on this machine is no proof",
    file: `${RECOVERY}unfinished.ts`,
    guard: "(order) => order.provider === own.provider",
    without: "() => true",
  },
  {
    name: "a record that lacks the create in work is another stack's",
    file: `${RECOVERY}unfinished.ts`,
    guard: 'record.creating.find((resource) => resource.inputs["__token"] === token)',
    without: "record.creating[0]",
  },
  {
    name: "what the stack holds is never taken over",
    file: `${RECOVERY}unfinished.ts`,
    guard: "inState: (id) => ids.has(id)",
    without: "inState: () => false",
  },
  {
    name: "a settled order is not looked for again",
    file: `${RECOVERY}unfinished.ts`,
    guard: " && !settled.has(order.token)",
    without: "",
  },
  {
    name: "the note of an order without a clear outcome stays",
    file: `${RECOVERY}unfinished.ts`,
    guard: "if (!(error instanceof UnsettledOrderError)) await",
    without: "await",
  },
  {
    name: "an order is noted before it is sent",
    file: `${RECOVERY}unfinished.ts`,
    guard: "await this.#begin(inputs, ordered);",
    without: "",
  },
  {
    name: "what another account doesn't list is not known to be gone",
    file: `${RECOVERY}owner.ts`,
    guard: "if (seen === undefined || (seen.endpoint === endpoint && seen.key === key)) return;",
    without: "return;",
  },
  {
    name: "an import of what the stack holds is refused",
    file: `${RECOVERY}imports.ts`,
    guard: "if (unfinished.inState(id) || !account.claim(id))",
    without: "if (!account.claim(id))",
  },
  {
    name: "an import without the stack's record is refused",
    file: `${RECOVERY}imports.ts`,
    guard: "if (!unfinished.proof)\n    throw",
    without: "if (!unfinished.proof) return;\n  if (!unfinished.proof)\n    throw",
  },
  {
    name: "an import that names another instance than the stack has is refused",
    file: `${RECOVERY}imports.ts`,
    guard: "if (news.__import === undefined || news.__import === id) return;",
    without: "return;",
  },
  {
    name: "an import of what differs from the arguments is refused",
    file: `${LIFE}instanceImport.ts`,
    guard: "if (differing.length === 0) return undefined;",
    without: "return undefined;",
  },
  {
    name: "an instance that is not ready in time stays in the state",
    file: `${LIFE}instance.ts`,
    guard: "const reason = error instanceof Error ? error.message : String(error);",
    without:
      "if (error instanceof Error) throw error;\n    const reason = error instanceof Error ? error.message : String(error);",
  },
  {
    name: "a delete is done when the instance is listed no more",
    file: `${LIFE}instance.ts`,
    guard: "const wasListed = await waitInstanceAbsent(context, account, id, props, deadline);",
    without: "const wasListed = true;",
  },
  {
    name: "a backup is ours by the whole mark alone",
    file: `${LIFE}backupMarks.ts`,
    guard: "new RegExp(`pulumi-${token}(?![0-9a-f-])`)",
    without: "new RegExp(`pulumi-`)",
  },
  {
    name: "a backup without a mark is not claimed where the call was not surely taken",
    file: `${LIFE}backupWait.ts`,
    guard: "if (isOne && wasTaken)",
    without: "if (isOne)",
  },
  {
    name: "of several new backups without a mark none is claimed",
    file: `${LIFE}backupWait.ts`,
    guard: "unmarked.length === added.length && backupsOf(added).length === 1",
    without: "unmarked.length > 0",
  },
  {
    name: "that an instance has no backups since it is gone must agree with the list of instances",
    file: `${LIFE}backupWait.ts`,
    guard: "if (instance !== undefined)\n",
    without: "if (instance === null)\n",
  },
  {
    name: "a backup that is not finished in time stays in the state",
    file: `${LIFE}backup.ts`,
    guard: "const reason = error instanceof Error ? error.message : String(error);",
    without:
      "if (error instanceof Error) throw error;\n    const reason = error instanceof Error ? error.message : String(error);",
  },
  {
    name: "a wait ends at its deadline though a list hangs",
    file: `${LIFE}waiter.ts`,
    guard: "void this.#limit(waiter);",
    without: "",
  },
  {
    name: "an access key that is refused again and again ends a wait",
    file: `${LIFE}waiter.ts`,
    guard: " || waiter.refusals >= MOST_REFUSALS",
    without: "",
  },
  {
    name: "a list of null is no empty list",
    file: "provider/client/instances.ts",
    guard: "z.array(instance));",
    without: "z.array(instance).nullish().transform((list) => list ?? []));",
  },
  {
    name: "each attempt has a nonce of its own",
    file: "provider/client/client.ts",
    guard: "nonce: randomUUID(),",
    without: 'nonce: "the same",',
  },
  {
    name: "a skewed clock is corrected",
    file: "provider/client/client.ts",
    guard: "this.#skewMs = skewMs;\n",
    without: "this.#skewMs = 0;\n",
  },
  {
    name: "no secret is quoted from the vendor's text",
    file: "provider/client/client.ts",
    guard: '.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text)',
    without: ".reduce((rest) => rest, text)",
  },
  ...BACKUP_GUARDS,
];
