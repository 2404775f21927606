import { NO_SEGMENT } from "./segment.ts";
import { isShown, type Sight } from "./sight.ts";

/** What a connection was told to read of its source, and with which credentials, since the weather began. */
export class Views {
  #segments: ReadonlySet<string> = new Set([NO_SEGMENT]);
  #sights: ReadonlySet<Sight> = new Set<Sight>(["all"]);

  /** The weather begins, and what it has then may be any of these. */
  begin(segments: readonly string[], sight: Sight): void {
    this.#segments = new Set(segments);
    this.#sights = new Set([sight]);
  }

  leaveOut(segment: string): void {
    this.#segments = new Set([...this.#segments, segment]);
  }

  lookWith(sight: Sight): void {
    this.#sights = new Set([...this.#sights, sight]);
  }

  /** Could it be that a record was not shown? Of those that are asked for by their parents nobody here knows the parent. */
  mayHide(id: string, isChild: boolean): boolean {
    const askers = [...this.#sights].flatMap((sight) => [...this.#segments].map((without) => ({ sight, without })));
    if (isChild) return askers.some(({ sight, without }) => sight !== "all" || without !== NO_SEGMENT);
    return askers.some((asker) => !isShown(lastPart(id), asker));
  }
}

/** A key of several parts ends with the number. */
function lastPart(id: string): string {
  if (!id.startsWith("[")) return id;
  const parts: unknown = JSON.parse(id);
  return String(Array.isArray(parts) ? parts.at(-1) : id);
}
