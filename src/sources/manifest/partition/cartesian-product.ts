import { z } from "zod";

import type { JsonObject } from "#core/json";
import { NO_OPTIONS, type RequestOptions } from "#sources/manifest/request-options";
import { SourceFailure } from "#sources/source";
import { eachStep } from "./each-step.ts";
import { limitHeld } from "./partition-limit.ts";
import { uniqueKeys } from "./partition-key.ts";
import {
  isPause,
  type Partition,
  type PartitionRequest,
  type PartitionRouter,
  type PartitionsEnd,
  type Pause,
} from "./partition-router.ts";
import { json, restored } from "./position.ts";

/** The outer router's position, and the key of the combination of all others. */
const positionSchema = z.object({ outer: json, inner: z.string() });

type Combination = Pick<Partition, "partition" | "extraFields">;

/**
 * Every combination of the routers' partitions, those of the last changing fastest. Null for no routers.
 *
 * The first router is read as it comes; what the others have is kept. As in the CDK, parents are read in full each
 * time: there is no cursor for what a combination depends on.
 */
export function cartesianProduct(routers: readonly PartitionRouter[]): PartitionRouter | null {
  const [outer, ...others] = routers;
  if (outer === undefined) return null;
  if (others.length === 0) return outer;
  return {
    partitions: (request) => combined(outer, others, request),
    options: (slice) => firstWins(routers.map((router) => router.options(slice))),
  };
}

async function* combined(
  outer: PartitionRouter,
  others: readonly PartitionRouter[],
  { position, inclusive }: PartitionRequest,
): AsyncGenerator<Partition | Pause, PartitionsEnd, undefined> {
  const { combinations, complete } = await gathered(others);
  let resume = position === null ? null : restored(positionSchema, position);
  const outers = outer.partitions({ position: resume?.outer ?? null, inclusive: true, cursor: null });
  const end = yield* eachStep(outers, function* (first) {
    if (isPause(first)) {
      yield { ...first, position: { outer: first.position, inner: "" } };
      return;
    }
    const isResumed = resume !== null && JSON.stringify(first.position) === JSON.stringify(resume.outer);
    const at = isResumed ? combinations.findIndex(({ key }) => key === resume?.inner) : -1;
    resume = null;
    for (const { key, ...rest } of combinations.slice(at === -1 || inclusive ? Math.max(0, at) : at + 1)) {
      yield { ...both(first, rest), position: { outer: first.position, inner: key } };
    }
  });
  return { cursor: null, complete: complete && end.complete };
}

async function gathered(routers: readonly PartitionRouter[]) {
  let combinations: Combination[] = [{ partition: {}, extraFields: {} }];
  let complete = true;
  for (const router of routers) {
    const own: Combination[] = [];
    const partitions = router.partitions({ position: null, inclusive: true, cursor: null });
    let next = await partitions.next();
    for (; next.done !== true; next = await partitions.next()) {
      if (isPause(next.value)) throw notKept();
      own.push(next.value);
      limitHeld(own.length * combinations.length);
    }
    complete &&= next.value.complete;
    combinations = combinations.flatMap((before) => own.map((one) => both(before, one)));
  }
  const keys = uniqueKeys(combinations.map(({ partition }) => partition));
  return { combinations: combinations.map((one, at) => ({ ...one, key: keys[at] ?? "" })), complete };
}

function notKept(): SourceFailure {
  return new SourceFailure({
    kind: "bad_request",
    message:
      "A parent whose records the API prepares asynchronously can only be the parent of the first router in partition_router. Put that router first.",
    final: true,
  });
}

/** Where both have a field, the first one's counts. */
function both(first: Combination, second: Combination): Combination {
  return {
    partition: merged(first.partition, second.partition),
    extraFields: merged(first.extraFields, second.extraFields),
  };
}

function merged(first: JsonObject, second: JsonObject): JsonObject {
  return Object.fromEntries([...Object.entries(second), ...Object.entries(first)]);
}

function firstWins(options: readonly RequestOptions[]): RequestOptions {
  return options.reduceRight<RequestOptions>(
    (later, first) => ({
      headers: { ...later.headers, ...first.headers },
      params: { ...later.params, ...first.params },
      bodyData: typeof first.bodyData === "string" ? first.bodyData : { ...fieldsOf(later), ...first.bodyData },
      bodyJson: { ...later.bodyJson, ...first.bodyJson },
    }),
    NO_OPTIONS,
  );
}

/** Request options set fields; none sets a body's text. */
function fieldsOf({ bodyData }: RequestOptions): Readonly<Record<string, unknown>> {
  return typeof bodyData === "string" ? {} : bodyData;
}
