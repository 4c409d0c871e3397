import { CheckFailure, DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";

import type { Values } from "../core/arguments";
import type { Difference } from "../core/operation";

const { Kind } = PropertyDiff;
const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;

/** The engine prints the value of a property that a failure names, so the reason names it instead. */
export function failuresOf(reasons: readonly string[]): CheckFailure[] {
  return reasons.map((reason) => {
    const failure = new CheckFailure();
    failure.setReason(reason);
    return failure;
  });
}

/** What an update changes and what a replacement is for, with the old values as the state has them. */
export function differenceResponse(
  { replaces, updates, deleteBeforeReplace }: Difference,
  olds: Values,
  news: Values,
): DiffResponse {
  const answer = new DiffResponse();
  const names = [...new Set([...replaces, ...updates])];
  answer.setChanges(names.length > 0 ? DIFF_SOME : DIFF_NONE);
  answer.setReplacesList([...replaces]);
  answer.setDiffsList(names);
  answer.setDeletebeforereplace(deleteBeforeReplace);
  answer.setHasdetaileddiff(names.length > 0);
  for (const name of names) {
    const change = new PropertyDiff();
    change.setKind(kindOf(olds[name], news[name], replaces.includes(name)));
    answer.getDetaileddiffMap().set(name, change);
  }
  return answer;
}

function kindOf(old: unknown, given: unknown, isReplaced: boolean): PropertyDiff.Kind {
  if (old === undefined) return isReplaced ? Kind.ADD_REPLACE : Kind.ADD;
  if (given === undefined) return isReplaced ? Kind.DELETE_REPLACE : Kind.DELETE;
  return isReplaced ? Kind.UPDATE_REPLACE : Kind.UPDATE;
}
