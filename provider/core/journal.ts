import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

const begun = z.object({
  /** The mark that `check` gave the order; it becomes the name of a file. */
  token: z.string().regex(/^[0-9a-f]+(-[0-9a-f]+)?$/),
  urn: z.string(),
  /** The engine's reference of the stack's own provider resource: random, so no two stacks share one. */
  provider: z.string(),
  /** Where it was ordered, and with whose key. */
  owner: z.object({ endpoint: z.string(), key: z.string() }).optional(),
  /** What was ordered, without anything secret. */
  inputs: z.record(z.string(), z.unknown()),
});

export type BegunOrder = z.output<typeof begun>;

/**
 * Orders that were begun on this machine and not settled. The engine keeps such a record while it
 * runs, and drops it when the provider process dies under it: an order would be forgotten.
 */
export interface OrderJournal {
  /** Written before the order is sent. */
  begin(order: BegunOrder): Promise<void>;
  /** The order is in the engine's hands, or certainly was not carried out. */
  end(token: string): Promise<void>;
  unsettled(): Promise<readonly BegunOrder[]>;
  /** Where the note of an order is, for people. */
  place(token: string): string;
}

/** Keeps a small file for each order under `~/.pulumi`, or `PULUMI_HOME`. */
export function journalInFolder(
  environment: Readonly<Record<string, string | undefined>>,
): OrderJournal {
  const home = environment["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  const folder = join(home, "cds-redis", "orders");
  const fileOf = (token: string): string => join(folder, `${token}.json`);
  return {
    begin: async (order) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // A reader never meets half a file.
      const temporary = `${fileOf(order.token)}.tmp`;
      await writeFile(temporary, JSON.stringify(order), { mode: 0o600, flush: true });
      await rename(temporary, fileOf(order.token));
    },
    end: (token) => rm(fileOf(token), { force: true }),
    place: fileOf,
    unsettled: async () => {
      const names = await readdir(folder).catch(() => []);
      const files = names.filter((name) => name.endsWith(".json"));
      const texts = await Promise.all(
        files.map((name) => readFile(join(folder, name), "utf8").catch(() => "")),
      );
      return texts.flatMap((text) => parseOrder(text));
    },
  };
}

/** What can't be read is no proof of anything. */
export function parseOrder(text: string): BegunOrder[] {
  try {
    return [begun.parse(JSON.parse(text))];
  } catch {
    return [];
  }
}
