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

/** Words that go before a name which would begin with another account's name. */
const MARKERS = ["redis", "instance", "account"];

/**
 * Gives names, none twice in any spelling. The resources of a given account have names that begin with the
 * account's name, and no other resource has such a name. So accounts share no name, and an account that
 * does not answer changes no name of another.
 */
export class NameSource {
  readonly #taken = new Set<string>();
  readonly #accounts: readonly string[];

  /** @param accounts The accounts whose names stand before those of their resources. */
  constructor(accounts: readonly string[] = []) {
    this.#accounts = accounts;
  }

  /** @param fallback Letters and digits, for a text that has none. */
  take(text: string, fallback: string, account?: string): Names {
    const prefix = this.#prefixOf(account);
    const own = resourceNameOf(text) || fallback;
    const candidates = [own, ...MARKERS.map((marker) => `${marker}-${own}`)];
    const names = candidates.map((name) => resourceNameOf(prefix + name));
    return this.#numbered(names.find((name) => !this.#isForeign(name, prefix)) ?? own);
  }

  /** A name that begins as that of another resource. */
  takeBelow({ resourceName }: Names, ending: string, fallback: string): Names {
    return this.#numbered(resourceNameOf(resourceName.slice(0, 32) + ending) || fallback);
  }

  #prefixOf(account: string | undefined): string {
    const isGiven = account !== undefined && this.#accounts.includes(account);
    return isGiven ? `${resourceNameOf(account)}-` : "";
  }

  /** Whether the name begins with the name of another account than the one of the prefix. */
  #isForeign(name: string, prefix: string): boolean {
    const prefixes = this.#accounts.map((account) => this.#prefixOf(account));
    return prefixes
      .filter((other) => other.length > prefix.length)
      .some((other) => dashed(name).startsWith(dashed(other)));
  }

  #numbered(base: string): Names {
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

/** A name without what its variable does not show: capitals, and which character separates the words. */
function dashed(name: string): string {
  return name.toLowerCase().replaceAll(/[._]/g, "-");
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
