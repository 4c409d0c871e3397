import type { dynamic } from "@pulumi/pulumi";

import type { Instance } from "../vendor/instances";
import type { Account } from "../core/account";
import { isUnknown } from "../core/arguments";
import type { Context } from "../core/context";
import type { InstanceInputs } from "./inputs";
import { driftOf, toldOf, type Told } from "./state";
import { findInstanceById } from "./wait";

type Given = Partial<InstanceInputs>;

/** Holds the arguments against the live instance; what is left out is taken from it. */
export async function importFailure(
  context: Context,
  news: Given,
): Promise<{ readonly failure: dynamic.CheckFailure } | { readonly inputs: Given }> {
  const { __import: id = "" } = news;
  if (isUnknown(news.account)) return { inputs: news };
  const account = context.account(news.account);
  const instance = await findInstanceById(context, account, id);
  const reason = importObstacle(account, id, instance, news);
  if (reason !== undefined || instance === undefined)
    return { failure: { property: "", reason: reason ?? "" } };
  const { instanceName, port } = instance;
  const live: Given = { instanceName, ...(port === 0 ? {} : { port }) };
  const leftOut = Object.keys(live).filter((name) => news[name as keyof Given] === undefined);
  return { inputs: { ...live, ...news, ...(leftOut.length > 0 ? { __defaults: leftOut } : {}) } };
}

/** Why the instance can't be taken over with these arguments, field by field. */
export function importObstacle(
  account: Account,
  id: string,
  instance: Instance | undefined,
  news: Given,
): string | undefined {
  if (instance === undefined)
    return `import: there is no instance ${id} at ${account.client.endpoint} for this access key.`;
  const given = Object.entries(news).filter(([, value]) => !isUnknown(value));
  const wanted = Object.fromEntries(given) as Partial<Told>;
  const differing = Object.entries(driftOf(wanted, toldOf(instance))).filter(
    ([name]) => wanted[name as keyof Told] !== undefined,
  );
  if (differing.length === 0) return undefined;
  const fields = differing.map(([name, live]) => {
    const said = JSON.stringify(wanted[name as keyof Told]);
    return `${name} is ${JSON.stringify(live)}, the program says ${said}`;
  });
  return (
    `import: ${instance.instanceName} (${id}) differs from the arguments: ${fields.join("; ")}. ` +
    "Nothing was changed: make the arguments equal to take it over."
  );
}
