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

/** Text that the vendor leaves out or sets to null at times. */
export const wireText = z
  .string()
  .nullish()
  .transform((text) => text ?? "");

/** A list inside an answer: null or missing means none. */
export function wireList<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
}

/** An answer that brings nothing we use. */
export const wireNothing = z.unknown().transform(() => undefined);

/** The vendor's Beijing time without a zone, as ISO 8601; "" when there is none. */
export const wireTime = wireText.transform((text) =>
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(" ", "T")}+08:00` : text,
);
