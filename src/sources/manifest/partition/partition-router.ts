import type { Json, JsonObject } from "#core/json";
import { createFamily } from "#sources/manifest/family";
import type { RequestOptions } from "#sources/manifest/request-options";
import type { StreamSlice } from "#sources/manifest/stream-slice";

export interface Partition {
  readonly partition: JsonObject;
  readonly extraFields: JsonObject;
  /** Where it stands for several at once: those. State is kept by them, since they can come in other groups next time. */
  readonly members?: readonly JsonObject[];
  /** What `partitions` needs to go on with this partition, or with the one after it. Small: it is stored with each page. */
  readonly position: Json;
  /**
   * Its parent is read from a cursor, which moves past it: if it comes a second time it may have changed after the
   * first, and the next job will not see it.
   */
  readonly isPassed?: boolean;
}

/** The next partition is not known yet: the API is still preparing it, and there is no point in asking before `resumeAt`. */
export interface Pause {
  /** Epoch milliseconds. */
  readonly resumeAt: number;
  /** What `partitions` needs to go on after the pause. */
  readonly position: Json;
}

export function isPause(step: Partition | Pause): step is Pause {
  return "resumeAt" in step;
}

export interface PartitionRequest {
  /** The position of the partition to begin with; null for the first. */
  readonly position: Json;
  /** False: begin after the partition at `position`, which has been read. */
  readonly inclusive: boolean;
  /** What the last complete round ended with; null on the first. */
  readonly cursor: Json;
}

/** How a round of partitions ended. */
export interface PartitionsEnd {
  /** For the next round: where parents that are read incrementally got to. */
  readonly cursor: Json;
  /** Were all partitions there are shown? Not where parents were read from a cursor, or some of them were left out. */
  readonly complete: boolean;
}

/** Cuts a stream into partitions that are read one after the other. */
export interface PartitionRouter {
  /**
   * In a stable order; reads parent streams as it goes. A parent record that comes twice is two equal partitions. A
   * read may stop after a pause, and be continued from its position.
   */
  partitions(request: PartitionRequest): AsyncGenerator<Partition | Pause, PartitionsEnd, undefined>;
  /** What a partition's requests carry; `token` is the page's. */
  options(slice: StreamSlice): RequestOptions;
}

export const partitionRouter = createFamily<PartitionRouter>("a partition router");
