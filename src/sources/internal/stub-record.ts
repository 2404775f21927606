import { author, prose, title, withSpecialTokens } from "./prose.ts";
import { seededRandom, wholeNumber } from "./seeded-random.ts";

/** 2024-01-01T00:00:00Z: the made-up past in which everything here was created. */
const EPOCH_MS = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;

/** How many characters of content each kind has, at least: a few lines, a page, several pages, a small book. */
const CONTENT_LENGTH = {
  small: 120,
  medium: 800,
  large: 4_000,
  small_file: 2_000,
  large_file: 20_000,
  code_file: 3_000,
};
export type StubKind = keyof typeof CONTENT_LENGTH;

export interface StubRecord {
  readonly id: string;
  readonly kind: StubKind;
  readonly container_id: string;
  readonly sequence_number: number;
  readonly title: string;
  readonly author: string;
  readonly content: string;
  readonly created_at: string;
}

export interface Container {
  readonly id: string;
  readonly kind: "container";
  readonly title: string;
  readonly seed: number;
  /** How many entities its source was configured to make: another number makes the container a changed one. */
  readonly entity_count: number;
  readonly created_at: string;
}

/** The primary key of every internal source's records. */
export const STUB_KEY = [["id"]];

export function container(source: string, seed: number, entityCount: number): Container {
  return {
    id: containerId(source, seed),
    kind: "container",
    title: `Container of ${source}, seed ${seed}`,
    seed,
    entity_count: entityCount,
    created_at: new Date(EPOCH_MS).toISOString(),
  };
}

export interface StubRecordOptions {
  readonly source: string;
  readonly seed: number;
  readonly index: number;
  readonly kind: StubKind;
  readonly contentPrefix?: string | null | undefined;
  readonly specialTokens?: boolean;
}

/** The record at `index`, the same whenever it is made. */
export function stubRecord({ source, seed, index, kind, contentPrefix, specialTokens }: StubRecordOptions): StubRecord {
  const random = seededRandom(seed, index);
  const text = prose(random, CONTENT_LENGTH[kind]);
  const marked = specialTokens === true ? withSpecialTokens(random, text) : text;
  return {
    id: `${source}-${seed}-${index}`,
    kind,
    container_id: containerId(source, seed),
    sequence_number: index,
    title: title(random),
    author: author(random),
    content: contentPrefix ? `${contentPrefix}\n\n${marked}` : marked,
    created_at: new Date(EPOCH_MS + index * HOUR_MS + wholeNumber(random, 0, HOUR_MS - 1)).toISOString(),
  };
}

function containerId(source: string, seed: number): string {
  return `${source}-container-${seed}`;
}
