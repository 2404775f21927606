import { isLeftOut } from "./segment.ts";

/** What credentials show of a source: all of it, or all but a fifth, a half, or most of its records. */
export const SIGHTS = ["all", "most", "half", "few"] as const;
export type Sight = (typeof SIGHTS)[number];

/** Who asks: with which credentials, and for what. */
export interface Asker {
  readonly sight: Sight;
  /** The segment that they leave out. */
  readonly without: string | null;
}

/** Do credentials not show a record with this id? */
function isHidden(id: string, sight: Sight): boolean {
  const number = Number(id.replace(/^\D+/, ""));
  switch (sight) {
    case "all":
      return false;
    case "most":
      return number % 5 === 3;
    case "half":
      return number % 2 === 1;
    case "few":
      return number % 5 !== 3;
  }
}

/** Is a record with this id there for who asks? */
export function isShown(id: string, { sight, without }: Asker): boolean {
  return !isLeftOut(id, without) && !isHidden(id, sight);
}
