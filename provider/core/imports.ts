import { CdsConfigError } from "../vendor/errors";
import type { HiddenInputs } from "../dynamic/contract";
import type { Account } from "./account";
import type { Context } from "./context";
import { stackOf } from "./stackRecord";
import type { MarkedInputs } from "./unfinished";

/**
 * What becomes of the option `import` where the engine asks for a new resource: where the stack has
 * that very one under this URN the engine wants a replacement of it, so the option is left out.
 */
export async function withoutKnownImport<T extends Partial<HiddenInputs>>(
  context: Context,
  news: T,
): Promise<T> {
  const { __import: id, __urn: urn = "", ...others } = news;
  if (id === undefined) return news;
  // Where the record can't be had, `create` says so: nothing is taken over without it.
  const record = await context.readStack(stackOf(urn)).catch(() => undefined);
  const known = record?.resources.some((resource) => resource.id === id && resource.urn === urn);
  return known === true ? ({ ...others, __urn: urn } as unknown as T) : news;
}

/** Throws where the stack has it already: a replacement would delete it after taking it over. */
export async function requireNewToStack(
  context: Context,
  account: Account,
  inputs: MarkedInputs,
  id: string,
): Promise<void> {
  const unfinished = await context.unfinished.of(inputs);
  if (!unfinished.proof)
    throw new Error(
      `import: whether the stack has ${id} already can't be told (${unfinished.reason}); nothing was done. Put the pulumi CLI on PATH.`,
    );
  if (unfinished.inState(id) || !account.claim(id))
    throw new Error(`import: the stack has ${id} already; remove the option \`import\`.`);
}

/** Refuses an option `import` that names another one than the stack has. */
export function requireSameImport(news: HiddenInputs, id: string): void {
  if (news.__import === undefined || news.__import === id) return;
  throw new CdsConfigError(
    `import names ${news.__import}, but the stack has ${id} here: remove the option \`import\`, which has done its work. ` +
      `Only where a replacement was interrupted after ${id} was deleted, let the stack forget that one first: \`pulumi state delete <urn>\`.`,
  );
}
