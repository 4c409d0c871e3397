import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** A package that only the benchmarks need; its types are not there where bench/ is not installed. */
export function needed(name: string): unknown {
  try {
    return require(name);
  } catch (error) {
    throw new Error(`${name} is missing: run \`npm ci --prefix bench\` first.`, { cause: error });
  }
}
