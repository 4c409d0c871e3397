import { answer, isFunction, LISTS, TOKEN_PREFIX } from "../answers";
import { defined, type Values } from "../core/arguments";
import type { Accounts } from "../core/context";

/** Whoever has one of these URLs can read the data. */
export const SECRET_RESULTS = ["downloadUrl", "intranetDownloadUrl"];

/** Answers the data function with this token, such as `cds-redis:index:getRegions`. */
export async function invoke(token: string, args: Values, accounts: Accounts): Promise<object> {
  const name = token.startsWith(TOKEN_PREFIX) ? token.slice(TOKEN_PREFIX.length) : token;
  if (!isFunction(name)) throw new Error(`there is no function ${token}`);
  // The arguments are checked there.
  const result = await answer(name, defined(args) as never, accounts);
  const list = LISTS[name];
  return list === undefined ? result : { [list]: result };
}
