import { z } from "zod";

/** A number that the vendor writes as a number or as a string. */
export const wireNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^\s*-?\d+(\.\d+)?\s*$/, "expected a number")
    .transform(Number),
]);
/** The same; 0 where it can't be read. */
export const looseNumber = wireNumber.catch(0);

/** Text, or the digits of a number; "" where it is null, missing or can't be read. */
export const looseText = z.union([z.string(), z.number()]).transform(String).catch("");

/** Text without which an entry is of no use. */
export const wireId = looseText.refine((text) => text !== "", "expected an id");

/** The vendor's Beijing time without a zone, as ISO 8601; "" when there is none. */
export const wireTime = looseText.transform((text) =>
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(" ", "T")}+08:00` : text,
);

/** A list inside an answer: null or missing means none. */
export function wireList<T>(entry: z.ZodType<T>): z.ZodType<T[]> {
  return z
    .array(entry)
    .nullish()
    .transform((entries) => entries ?? []);
}

/** The same, without the entries that can't be read, so that an odd one hides no other. */
export function looseList<T>(entry: z.ZodType<T>): z.ZodType<T[]> {
  const oneOrNone = entry.transform((one): T[] => [one]).catch([]);
  return wireList(oneOrNone).transform((entries) => entries.flatMap((found) => found));
}

/** A {@link looseList} with the first of all entries that have the same key. */
export function uniqueList<T>(entry: z.ZodType<T>, keyOf: (entry: T) => string): z.ZodType<T[]> {
  return looseList(entry).transform((entries) => {
    const keys = entries.map(keyOf);
    return entries.filter((one, index) => keys.indexOf(keyOf(one)) === index);
  });
}

/** For each of our names the vendor's, and how the value is read. */
type WireFields = Readonly<Record<string, readonly [vendorName: string, value: z.ZodType]>>;

/** An object of the vendor's under our names. An error tells the vendor's name. */
export function wireObject<const F extends WireFields>(
  fields: F,
): z.ZodType<{ readonly [K in keyof F]: z.output<F[K][1]> }> {
  const names = Object.entries(fields).map(([name, [vendorName]]) => [name, vendorName] as const);
  return z.object(Object.fromEntries(Object.values(fields))).transform((wire) => {
    const named = Object.fromEntries(names.map(([name, vendorName]) => [name, wire[vendorName]]));
    return named as { [K in keyof F]: z.output<F[K][1]> };
  });
}

/** Parameters under the vendor's names; those without a value are left out. */
export function wireParameters<V extends string | number>(
  vendorNames: Readonly<Record<string, string>>,
  values: Readonly<Record<string, V | undefined>>,
): Record<string, V> {
  const named = Object.entries(vendorNames).flatMap(([name, vendorName]) => {
    const value = values[name];
    return value === undefined ? [] : [[vendorName, value] as const];
  });
  return Object.fromEntries(named);
}
