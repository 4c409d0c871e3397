/** How the engine writes inputs and states on the wire. */
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

import type { Values } from "../core/arguments";
import { isSecret, SECRET, SIGNATURE, UNKNOWN } from "../core/engineValues";

/** What an output of another resource may come as. */
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** The values in clear, with what is not known yet as the engine writes it. */
export function valuesOf(struct: Struct | undefined): Values {
  return (inClear(struct?.toJavaScript() ?? {}) ?? {}) as Values;
}

function inClear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inClear);
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return inClear(Reflect.get(value, "value"));
  if (Reflect.get(value, SIGNATURE) === OUTPUT)
    return "value" in value ? inClear(value.value) : UNKNOWN;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inClear(inner)]));
}

/** The values for the engine, those with these names as secrets. What is undefined is left out. */
export function structOf(values: object, secrets: readonly string[]): Struct {
  const known = JSON.parse(JSON.stringify(values)) as Record<string, JavaScriptValue>;
  const marked = Object.entries(known).map(([name, value]): [string, JavaScriptValue] => [
    name,
    secrets.includes(name) ? { [SIGNATURE]: SECRET, value } : value,
  ]);
  return Struct.fromJavaScript(Object.fromEntries(marked));
}
