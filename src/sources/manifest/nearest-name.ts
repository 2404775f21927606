/** Longer names are no slips of the pen, and would take time. */
const MAX_LENGTH = 60;

/** The name that was probably meant; null where none is near. */
export function nearestName(given: string, known: Iterable<string>): string | null {
  if (given.length > MAX_LENGTH) return null;
  const plain = plainOf(given);
  let best: string | null = null;
  // A third of a name may be wrong, or one of them a part of the other: `BearerToken…` for `Bearer…`.
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const name of known) {
    const other = plainOf(name);
    const distance = distanceOf(plain, other);
    if (distance >= bestDistance) continue;
    best = name;
    bestDistance = distance;
  }
  return best;
}

function plainOf(name: string): string {
  return name.toLowerCase().replaceAll(/[_\s-]/g, "");
}

/** Characters to add, leave out or exchange. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [at, character] of Array.from(a).entries()) {
    const next = [at + 1];
    for (const [index, other] of Array.from(b).entries()) {
      const exchanged = (row[index] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
