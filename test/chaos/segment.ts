/** Of what a connection's config leaves out, the sources that can leave out something: a segment of their records. */
export const SEGMENTS = ["0", "1", "2", "3", "4", "5", "6", "7"] as const;

/** Left out by nobody. */
export const NO_SEGMENT = "none";

/** Is a record with this id left out? One in eight is of each segment. */
export function isLeftOut(id: string, segment: string | null): boolean {
  return String(Number(id.replace(/^\D+/, "")) % SEGMENTS.length) === segment;
}
