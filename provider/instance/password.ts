import type { dynamic } from "@pulumi/pulumi";

import { CdsConfigError } from "../vendor/errors";
import type { PasswordSource } from "../dynamic/contract";
import { isUnknown } from "../core/arguments";
import type { Context } from "../core/context";

interface PasswordInputs {
  readonly password?: string;
  readonly passwordFrom?: PasswordSource;
  readonly passwordVersion?: string | number;
  readonly __urn?: string;
}

/** The password to order with. Throws a {@link CdsConfigError} where its source has none. */
export function passwordOf(context: Context, inputs: PasswordInputs): string {
  const { password, passwordFrom: source } = inputs;
  if (password !== undefined) return password;
  if (source === undefined) throw new CdsConfigError("password or passwordFrom is missing.");
  if ("env" in source) {
    const value = context.environment(source.env);
    if (value !== undefined && value !== "") return value;
    throw new CdsConfigError(`passwordFrom: the environment variable ${source.env} is not set.`);
  }
  const key = source.config.includes(":")
    ? source.config
    : `${inputs.__urn?.split("::")[1] ?? ""}:${source.config}`;
  const value = context.config(key);
  if (value !== undefined && value !== "") return value;
  throw new CdsConfigError(
    `passwordFrom: ${key} is not set in the stack's configuration (\`pulumi config set --secret ${key}\`).`,
  );
}

/** What is wrong about the way the password is given. */
export function passwordFailure(
  context: Context,
  inputs: PasswordInputs,
  isNew: boolean,
): dynamic.CheckFailure | undefined {
  const { password, passwordFrom, passwordVersion } = inputs;
  const failure = (property: string, reason: string): dynamic.CheckFailure => ({
    property,
    reason,
  });
  if (password === undefined && passwordFrom === undefined)
    return failure(
      "password",
      "password is missing: give the password of Redis, as a secret, or passwordFrom.",
    );
  if (password !== undefined && passwordFrom !== undefined)
    return failure("passwordFrom", "password and passwordFrom are both given: give one of them.");
  if (passwordVersion !== undefined && passwordFrom === undefined)
    return failure("passwordVersion", "passwordVersion goes with passwordFrom alone.");
  // The source is asked when there is something to order.
  if (!isNew || passwordFrom === undefined || isUnknown(passwordFrom)) return undefined;
  try {
    passwordOf(context, inputs);
    return undefined;
  } catch (error) {
    if (!(error instanceof CdsConfigError)) throw error;
    return failure("passwordFrom", error.message);
  }
}
