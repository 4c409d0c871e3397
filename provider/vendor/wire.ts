import { z } from "zod";

/** A number that the vendor writes as a number or as a string. */
export const wireNumber = z.union([
  z.number(),
  z
    .string()
    .trim()
    .regex(/^-?\d+(\.\d+)?$/, "expected a number")
    .transform(Number),
]);
/** The same; 0 where it can't be read. */
export const looseNumber = wireNumber.catch(0);

/** Text that the vendor leaves out or sets to null at times. */
export const wireText = z
  .string()
  .nullish()
  .transform((text) => text ?? "");
/** The same, and a number is taken for its digits; "" where it can't be read. */
export const looseText = z
  .unknown()
  .optional()
  .transform((text) => (typeof text === "string" || typeof text === "number" ? String(text) : ""));

/** Text without which an entry is of no use. */
export const wireId = looseText.refine((text) => text !== "", "expected an id");

/** The vendor's Beijing time without a zone, as ISO 8601; "" when there is none. */
export const wireTime = looseText.transform((text) =>
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(" ", "T")}+08:00` : text,
);

/** An answer that brings nothing we use. */
export const wireNothing = z.unknown().transform(() => undefined);

/** A list inside an answer: null or missing means none. */
export function wireList<T>(entry: z.ZodType<T>): z.ZodType<T[]> {
  return z
    .array(entry)
    .nullish()
    .transform((entries) => entries ?? []);
}

/** The same, without the entries that can't be read, so that an odd one hides no other. */
export function looseList<T>(entry: z.ZodType<T>): z.ZodType<T[]> {
  return wireList(z.unknown()).transform((entries) =>
    entries.flatMap((wire) => {
      const { success, data } = entry.safeParse(wire);
      return success ? [data] : [];
    }),
  );
}

/** For each of our names the vendor's, and how the value is read. */
export type WireFields<T> = {
  readonly [K in keyof T]: readonly [vendorName: string, value: z.ZodType<T[K]>];
};

/** An object of the vendor's under our names. */
export function wireObject<T>(fields: WireFields<T>): z.ZodType<T> {
  const table = Object.entries<WireFields<T>[keyof T]>(fields);
  const ours = z.object(Object.fromEntries(table.map(([name, [, value]]) => [name, value])));
  return z.looseObject({}).transform((wire, context) => {
    const renamed = Object.fromEntries(
      table.map(([name, [vendorName]]) => [name, wire[vendorName]]),
    );
    const { data, error } = ours.safeParse(renamed);
    // An error tells the vendor's name.
    for (const { message, path } of error?.issues ?? []) {
      const vendorName = table.find(([name]) => name === path[0])?.[1][0] ?? "";
      context.addIssue({ code: "custom", message, path: [vendorName, ...path.slice(1)] });
    }
    return data as T;
  });
}

/** Parameters under the vendor's names; those without a value are left out. */
export function wireParameters<K extends string, V extends string | number>(
  vendorNames: Readonly<Record<K, string>>,
  values: Readonly<Partial<Record<K, V | undefined>>>,
): Record<string, V> {
  const named = Object.entries<string>(vendorNames).map(
    ([name, vendorName]) => [vendorName, values[name as K]] as const,
  );
  return Object.fromEntries(named.filter((one): one is [string, V] => one[1] !== undefined));
}

/** The first of all entries with the same key. */
export function uniqueBy<T>(entries: readonly T[], keyOf: (entry: T) => string): T[] {
  const seen = new Set<string>();
  // The set grows only by a key that it lacked.
  return entries.filter((entry) => seen.size < seen.add(keyOf(entry)).size);
}
