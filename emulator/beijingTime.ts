const BEIJING_OFFSET_MS = 8 * 3600 * 1000;

/** A time as the vendor writes it: Beijing time without a zone, `yyyy-MM-dd HH:mm:ss`. */
export function beijingTime(milliseconds: number): string {
  return new Date(milliseconds + BEIJING_OFFSET_MS).toISOString().slice(0, 19).replace("T", " ");
}
