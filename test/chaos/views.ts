import { isLeftOut, NO_SEGMENT } from "./segment.ts";

/** Which parts of its source a connection was told to read. */
export class Views {
  readonly #segments = new Set([NO_SEGMENT]);

  /** It may leave out this segment from now on. */
  leaveOut(segment: string): void {
    this.#segments.add(segment);
  }

  /** Could it be that a record was not shown? Of those that are asked for by their parents nobody here knows the parent. */
  mayHide(id: string, isChild: boolean): boolean {
    const others = [...this.#segments].filter((segment) => segment !== NO_SEGMENT);
    return isChild ? others.length > 0 : others.some((segment) => isLeftOut(lastPart(id), segment));
  }
}

/** A key of several parts ends with the number. */
function lastPart(id: string): string {
  if (!id.startsWith("[")) return id;
  const parts: unknown = JSON.parse(id);
  return String(Array.isArray(parts) ? parts.at(-1) : id);
}
