/** What keys hide of every stream that they are for: nothing, little enough to go unasked, and more than may. */
export const SIGHTS: readonly (readonly string[])[] = [[], ["a", "b"], ["e", "f"], ["c"], ["b", "c", "d", "e"]];

/** A new key, in words. */
export function newKey(hidden: readonly string[]): string {
  return hidden.length === 0 ? "a new key" : `a new key, which does not show ${hidden.join(", ")}`;
}
