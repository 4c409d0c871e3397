import { isUnknown } from "../core/arguments";
import type { Operation } from "../core/operation";
import { CdsConfigError } from "../vendor/errors";
import type { InstanceInputs } from "./arguments";

type PasswordInputs = Partial<
  Pick<InstanceInputs, "password" | "passwordFrom" | "passwordVersion">
>;

/** The password to order with. Throws a {@link CdsConfigError} where its source has none. */
export function passwordOf(operation: Operation, inputs: PasswordInputs): string {
  const { password, passwordFrom: source } = inputs;
  if (password !== undefined) return password;
  if (source === undefined)
    throw new CdsConfigError(
      "password is missing: give the password of Redis, as a secret, or passwordFrom.",
    );
  const { context, projectName = "" } = operation;
  if ("env" in source) {
    const value = context.environment(source.env);
    if (value !== undefined && value !== "") return value;
    throw new CdsConfigError(`passwordFrom: the environment variable ${source.env} is not set.`);
  }
  const key = source.config.includes(":") ? source.config : `${projectName}:${source.config}`;
  const value = context.config(key);
  if (value !== undefined && value !== "") return value;
  throw new CdsConfigError(
    `passwordFrom: ${key} is not set in the stack's configuration (\`pulumi config set --secret ${key}\`).`,
  );
}

/** Throws a {@link CdsConfigError} where the password is not given in one way. */
export function checkPassword(operation: Operation, inputs: PasswordInputs, isNew: boolean): void {
  const { password, passwordFrom, passwordVersion } = inputs;
  if (password !== undefined && passwordFrom !== undefined)
    throw new CdsConfigError("password and passwordFrom are both given: give one of them.");
  if (passwordVersion !== undefined && passwordFrom === undefined)
    throw new CdsConfigError("passwordVersion goes with passwordFrom alone.");
  // The source is read when there is something to order.
  const isReadLater = passwordFrom !== undefined && (!isNew || isUnknown(passwordFrom));
  if (!isReadLater) passwordOf(operation, inputs);
}
