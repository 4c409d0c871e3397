/** How the engine writes values that JSON has no word for, as its protocol fixes it for all languages. */

/** A value that is not known yet, as at preview the output of something to be created. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key by which an object is known to stand for something else. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** Whether it, or something in it, is not known yet. */
export function hasUnknown(value: unknown): boolean {
  return JSON.stringify([value]).includes(UNKNOWN);
}

/** Whether it is a secret, in clear or encrypted. */
export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && Reflect.get(value, SIGNATURE) === SECRET;
}
