/** How terraform spells the address of a resource. */

import { UNSEEN } from "../io";

/** The address of nested modules of a state of version 3, which have names alone. */
export function moduleAddress(path: readonly string[]): string | undefined {
  return path.length === 0 ? undefined : path.map((name) => `module.${name}`).join(".");
}

/** The address of one instance, as `terraform state list` prints it. */
export function instanceAddress(
  module: string | undefined,
  resource: string,
  key: string | number | undefined,
): string {
  const index = key === undefined ? "" : `[${typeof key === "number" ? key : quotedKey(key)}]`;
  return `${module === undefined || module === "" ? "" : `${module}.`}${resource}${index}`;
}

/** A key of `for_each` as a text of HCL, where `${` and `%{` begin templates. */
function quotedKey(key: string): string {
  const escaped = key
    .replace(/[\\"]/g, "\\$&")
    .replace(/[$%](?=\{)/g, "$&$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replace(UNSEEN, (character) => {
      const digits = (character.codePointAt(0) ?? 0).toString(16);
      return digits.length > 4 ? `\\U${digits.padStart(8, "0")}` : `\\u${digits.padStart(4, "0")}`;
    });
  return `"${escaped}"`;
}
