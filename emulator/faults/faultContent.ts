import type { ActionAnswer } from "../actions/action";
import type { Outcome } from "../outcome";
import type { EmulatorInstance, InstanceChange } from "../records";
import type { EmulatorStore, ListView } from "../store";
import { CONTROL_TEXT } from "./controlText";
import type { CheckedFault } from "./faultCheck";
import {
  isListKind,
  isSuccessKind,
  type OutcomeFaultKind,
  type SuccessFaultKind,
} from "./faultKinds";
import { LISTS, type Entry } from "./listFaults";

/** A call that a fault is about to change. */
export interface AlteredCall {
  readonly store: EmulatorStore;
  readonly view: ListView;
  /** Carries the call out. @throws ApiError when the call is refused. */
  readonly run: (view: ListView) => ActionAnswer;
}

/**
 * Carries a call out and changes what it makes or what is told of it. A refusal passes as it is.
 *
 * @throws ApiError when the call is refused.
 */
export function alteredAnswer(fault: CheckedFault, call: AlteredCall): ActionAnswer {
  const { kind, seconds: lagSeconds } = fault;
  const isLagging = kind === "lagging-list" && lagSeconds !== undefined;
  const answer = call.run(isLagging ? { ...call.view, lagSeconds } : call.view);
  if (isListKind(kind)) return { ...answer, data: LISTS[kind](entriesOf(answer), fault.id) };
  return isSuccessKind(kind) ? SUCCESSES[kind](answer, call, fault) : answer;
}

/** The answer as a kind changes it. `again` sends the same request once more. */
export function alteredOutcome(
  kind: OutcomeFaultKind,
  outcome: Outcome,
  again: () => Outcome,
): Outcome {
  const isRefused = outcome.entry.status !== 200;
  switch (kind) {
    case "doubled-request":
      return secondAnswer(outcome, again());
    case "doubled-request-400":
      return withStatus(400, secondAnswer(outcome, again()));
    case "refusal-under-200":
      return isRefused ? withStatus(200, outcome) : outcome;
    case "refusal-under-400":
      return isRefused ? withStatus(400, outcome) : outcome;
  }
}

const SUCCESSES: Readonly<
  Record<
    SuccessFaultKind,
    (answer: ActionAnswer, call: AlteredCall, fault: CheckedFault) => ActionAnswer
  >
> = {
  "no-id": (answer) => ({ ...answer, data: {} }),
  "control-text": (answer) => ({
    ...answer,
    message: answer.message + CONTROL_TEXT,
    taskId: CONTROL_TEXT,
  }),
  "two-ids": (answer, { view, run }) => both(answer, run(view)),
  "other-size": (answer, { store }) =>
    delivered(answer, store, ({ ramGb }) => ({ ramGb: 2 * ramGb })),
  "other-version": (answer, { store }) =>
    delivered(answer, store, ({ version }) => ({ version: version === "4.0" ? "5.0" : "4.0" })),
  "other-port": (answer, { store }) =>
    delivered(answer, store, ({ port }) => ({ port: port === 65535 ? port - 1 : port + 1 })),
  "late-entry": (answer, { store }, { seconds = 0, shard, byId }) => {
    const made = answer.made ?? [];
    const late = shard === undefined ? made : made.slice(shard - 1, shard);
    for (const id of late) store.keepUnlisted(id, seconds, byId);
    return answer;
  },
};

/** Makes what was ordered differ from the order: the store and every later list tell what was delivered. */
function delivered(
  answer: ActionAnswer,
  store: EmulatorStore,
  changeOf: (instance: EmulatorInstance) => InstanceChange,
): ActionAnswer {
  for (const id of answer.made ?? []) {
    const instance = store.findInstance(id);
    if (instance !== undefined) store.changeInstance(id, changeOf(instance));
  }
  return answer;
}

/** One answer of an order that was carried out twice. The first edition's has no ids, and stays so. */
function both(one: ActionAnswer, other: ActionAnswer): ActionAnswer {
  const made = [...(one.made ?? []), ...(other.made ?? [])];
  const hasIds = typeof one.data === "object" && one.data !== null && "InstancesUuid" in one.data;
  return { ...one, made, data: hasIds ? { InstancesUuid: made } : one.data };
}

function entriesOf({ data }: ActionAnswer): readonly Entry[] {
  return Array.isArray(data) ? (data as Entry[]) : [];
}

/** The answer of the second request, logged with what the first one made. */
function secondAnswer({ entry: { made } }: Outcome, second: Outcome): Outcome {
  return { ...second, entry: { ...second.entry, made } };
}

function withStatus(status: number, outcome: Outcome): Outcome {
  return { ...outcome, entry: { ...outcome.entry, status } };
}
