import type { dynamic } from "@pulumi/pulumi";

import { CdsConfigError, CdsError } from "../vendor/errors";
import { NotDeletedError } from "../instance/finalBackup";
import { WaitTimeoutError } from "../core/waiter";

const MARK = "(no stack trace: the message says it all)";

/**
 * Mends how the engine shows what goes wrong. Of a check failure it prints the value of the named
 * property, which may be a secret: it is told the reason alone, which names the argument. And the
 * dynamic provider process prints an error of check, diff, read and delete with its stack trace,
 * beside handing it to the engine, which shows it too: of an error that is for the user the message
 * is enough; of any other the trace stays.
 */
export function asShown(provider: dynamic.ResourceProvider): dynamic.ResourceProvider {
  const marked =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await method(...args);
      } catch (error) {
        if (isForUser(error)) error.stack = MARK;
        throw error;
      }
    };
  const { check, diff, read, delete: remove } = provider;
  const reasonsOnly: typeof check =
    check &&
    (async (olds, news) => {
      const { failures, ...result } = await check(olds, news);
      const reasons = failures?.map(({ reason }) => ({ property: "", reason }));
      return reasons === undefined ? result : { ...result, failures: reasons };
    });
  return {
    ...provider,
    ...(reasonsOnly && { check: marked(reasonsOnly) }),
    ...(diff && { diff: marked(diff) }),
    ...(read && { read: marked(read) }),
    ...(remove && { delete: marked(remove) }),
  };
}

/** Leaves out of what a process prints the errors marked by {@link asShown}. */
export function leaveOutMarked(output: { error: (...text: unknown[]) => void }): void {
  const print = output.error.bind(output);
  output.error = (...text) => {
    const [first] = text;
    if (typeof first !== "string" || !first.endsWith(MARK)) print(...text);
  };
}

function isForUser(error: unknown): error is Error {
  return (
    error instanceof CdsError ||
    error instanceof CdsConfigError ||
    error instanceof NotDeletedError ||
    error instanceof WaitTimeoutError
  );
}
