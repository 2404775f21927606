import { changePageSchema, entitySchema } from "#http/schemas/copy";
import { ask, Broken } from "./ask.ts";
import type { Answer, Stage } from "./stage.ts";
import type { Truth } from "./truth.ts";

/** Entities by stream and id, as the API shows them. */
export type Copy = Map<string, unknown>;

/** A consumer of the change feed: where it is, and what it has. */
export class Follower {
  readonly copy: Copy = new Map();
  #cursor: string | null = null;
  #isReading = false;

  /** Goes on as far as there is an answer; not at all while it is at it already. */
  async follow(stage: Stage, id: string): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#take(await stage.call("GET", this.#nextOf(id))));
    } finally {
      this.#isReading = false;
    }
  }

  /** Goes on to the end of the feed. */
  async catchUp(stage: Stage, id: string): Promise<void> {
    while (this.#take(await ask(stage, "GET", this.#nextOf(id))));
  }

  #nextOf(id: string): string {
    const query = new URLSearchParams({ limit: "100", ...(this.#cursor === null ? {} : { since: this.#cursor }) });
    return `/source-connections/${id}/changes?${query.toString()}`;
  }

  /** Is there more? */
  #take(answer: Answer | null): boolean {
    if (answer?.status !== 200) return false;
    const page = changePageSchema.parse(answer.body);
    for (const { op, stream, id: entityId, entity } of page.changes) {
      if (op === "delete") this.copy.delete(keyOf(stream, entityId));
      else this.copy.set(keyOf(stream, entityId), entity);
    }
    this.#cursor = page.next_cursor;
    return page.has_more;
  }
}

/** What a failing check says at most of one kind. */
const SHOWN = 3;

/** The copy as the export has it. */
export async function exportCopy(stage: Stage, id: string): Promise<Copy> {
  const answer = await ask(stage, "GET", `/source-connections/${id}/entities/export`);
  const lines = answer.text.split("\n").filter((line) => line !== "");
  const copy: Copy = new Map();
  for (const line of lines) {
    const { stream, id: entityId, data } = entitySchema.parse(JSON.parse(line));
    copy.set(keyOf(stream, entityId), data);
  }
  if (copy.size !== lines.length) throw new Broken("The export has an entity twice.");
  return copy;
}

/** How two copies differ; nothing where they do not. */
export function differences(what: string, copy: Copy, expected: Copy): readonly string[] {
  const missing = [...expected.keys()].filter((key) => !copy.has(key));
  const extra = [...copy.keys()].filter((key) => !expected.has(key));
  const other = [...expected].filter(([key, data]) => copy.has(key) && sorted(copy.get(key)) !== sorted(data));
  return [
    ...some(missing, (keys, count) => `${what}: ${count} missing, such as ${keys.join(" ")}`),
    ...some(extra, (keys, count) => `${what}: ${count} too many, such as ${keys.join(" ")}`),
    ...some(
      other.map(([key, data]) => `${key}: ${JSON.stringify(copy.get(key))} instead of ${JSON.stringify(data)}`),
      (shown, count) => `${what}: ${count} different, such as ${shown.join("; ")}`,
    ),
  ];
}

function some(all: readonly string[], say: (shown: readonly string[], count: number) => string): readonly string[] {
  return all.length === 0 ? [] : [say(all.slice(0, SHOWN), all.length)];
}

export function copyOf(truth: Truth): Copy {
  return new Map(
    [...truth].flatMap(([stream, records]) => [...records].map(([id, record]) => [keyOf(stream, id), record] as const)),
  );
}

/** Entities of streams without a key are named by what they say: their ids are nobody's business. */
export function withoutIds(copy: Copy, keyless: readonly string[]): Copy {
  return new Map(
    [...copy].map(([key, data]) => {
      const stream = keyless.find((name) => key.startsWith(`${name}/`));
      return [stream === undefined ? key : keyOf(stream, JSON.stringify(data)), data];
    }),
  );
}

export function keyOf(stream: string, id: string): string {
  return `${stream}/${id}`;
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
