import { percentEncode } from "./signer";

const MOST_CHARACTERS = 300;

/** A text of the vendor's as it may be shown: cut, and without these secrets and any signature. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const clean = secrets
    .filter((secret) => secret !== "")
    .flatMap(spellings)
    .reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text)
    .replace(/(Signature(?:"?\s*[:=]\s*"?|%3D))[^&\s"]+/gi, "$1[secret]");
  return clean.length > MOST_CHARACTERS ? `${clean.slice(0, MOST_CHARACTERS)}…` : clean;
}

/** How a secret may look in a text that quotes a body or a URL; the longer ones first, as they hold the plain one. */
function spellings(secret: string): string[] {
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  return [
    percentEncode(percentEncode(secret)),
    percentEncode(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
    inJson(inJson(secret)),
    inJson(secret),
    secret,
  ];
}
