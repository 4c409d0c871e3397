/** Names for resources and variables, made of names that people chose at the vendor. */

/** An automatic name of this package: that of the resource, and seven random digits. */
const AUTOMATIC = /^(.+)-[0-9a-f]{7}$/su;
const MOST_WORDS = 8;
const MOST_CHARACTERS = 50;

/** Words that TypeScript, Python or Pulumi's YAML keeps, and the names that each program has. */
const RESERVED: ReadonlySet<string> = new Set(
  [
    "and any as assert async await boolean break case catch cds class config const constructor continue",
    "debugger def default del delete do elif else enum eval except export exports extends false finally for from",
    "function get global if implements import in instanceof interface is lambda let match module new none nonlocal",
    "not null number object or package pass print private protected public pulumi raise require return self set",
    "static str string super switch symbol this throw true try type typeof undefined var void while with yield",
  ]
    .join(" ")
    .split(" "),
);

/** The name of the resource that an automatic name shows; undefined for a name that a person chose. */
export function automaticNameOf(instanceName: string): string | undefined {
  return AUTOMATIC.exec(instanceName)?.[1];
}

/** The names of one resource. */
export interface Names {
  /** The name in the stack: letters, digits, dots, dashes and underscores. */
  readonly resourceName: string;
  /** The name in the program, in camel case. */
  readonly variable: string;
}

/** Gives names, none twice in any spelling. */
export class NameSource {
  readonly #taken = new Set<string>();

  /** @param fallback Letters and digits, for a text that has none. */
  take(text: string, fallback: string): Names {
    const base = resourceNameOf(text) || fallback;
    for (let count = 1; ; count++) {
      const resourceName = count === 1 ? base : `${base}-${count}`;
      const variable = variableOf(resourceName);
      const spellings = spellingsOf({ resourceName, variable });
      if (spellings.some((spelling) => this.#taken.has(spelling))) continue;
      for (const spelling of spellings) this.#taken.add(spelling);
      return { resourceName, variable };
    }
  }
}

function resourceNameOf(text: string): string {
  const name = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .slice(0, MOST_CHARACTERS)
    .replace(/^[._-]+|[._-]+$/g, "");
  return /^\d/.test(name) ? `redis-${name}` : name;
}

function variableOf(resourceName: string): string {
  const words = wordsOf(resourceName);
  const joined = words
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("");
  const isFree = /^[a-z]/.test(joined) && !RESERVED.has(joined.toLowerCase());
  return isFree ? joined : `redis${joined.charAt(0).toUpperCase()}${joined.slice(1)}`;
}

function wordsOf(text: string): string[] {
  const words = text.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [];
  const kept =
    words.length > MOST_WORDS ? [...words.slice(0, MOST_WORDS - 1), ...words.slice(-1)] : words;
  return kept.map((word) => word.toLowerCase());
}

/** As Python spells a name in camel case. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** All that a program makes of the names: a configuration key is a name beside the variables in YAML. */
function spellingsOf({ resourceName, variable }: Names): string[] {
  const keys = ["", "Password", "AccessKeyId", "AccessKeySecret", "Endpoint"];
  const variables = keys.map((key) => (variable + key).toLowerCase());
  return [`resource ${resourceName.toLowerCase()}`, ...variables, snakeCase(variable)];
}
