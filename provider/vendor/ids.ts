/** Whether two ids name the same instance or backup: the vendor's lists may write an id in another case. */
export function sameId(one: string, other: string): boolean {
  return idKey(one) === idKey(other);
}

/** Whether one of the ids is the same. */
export function hasId(ids: Iterable<string>, id: string): boolean {
  return [...ids].some((one) => sameId(one, id));
}

/** One spelling for all spellings of an id. */
export function idKey(id: string): string {
  return id.toLowerCase();
}
