import type { StreamProgress, StreamState } from "#core/stream-state";
import { numberIn, type GivenPage } from "#test/simulation/given-pages";
import { streamOf, type SimulatedUpstream } from "#test/simulation/simulated-upstream";
import type { View } from "#test/simulation/view";
import type { NewestConfigHolds } from "./newest-config-holds.ts";
import { hasEnded } from "./ended.ts";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** A read of a stream, as it follows from the pages that were given out. */
interface Pass {
  progress: StreamProgress;
  /** Losses of its place that the upstream had told of. */
  losses: number;
  /** Null where it can't be told what was committed. */
  seen: Set<string> | null;
  kept: number;
  failed: number;
  /** Entities in the stream when it began. */
  before: number;
}

/**
 * Whatever is repeated, read again or begun anew: an entity that is unchanged is counted once in a pass, and seen once;
 * and a pass with records that nobody can tell apart proves no deletes.
 */
export class PagesCountOnce implements WatchedPromise {
  readonly #last = new LastLook();
  readonly #upstream: SimulatedUpstream;
  readonly #passes = new Map<string, Pass>();
  #entities: View["entities"] = new Map();
  readonly #configs: Pick<NewestConfigHolds, "answered">;
  #edition = 0;
  #modifiedAt = 0;
  #answered: number | null = 0;

  /** @param configs whether there may have been another config for a while, and the same again */
  constructor(upstream: SimulatedUpstream, configs: Pick<NewestConfigHolds, "answered">) {
    this.#upstream = upstream;
    this.#configs = configs;
  }

  breaches({ streams, entities, connection, jobs, planning }: View): string[] {
    if (this.#last.isSame(streams, entities, connection)) return [];
    const isAnew = connection !== null && this.#mayHaveReadAnew(connection);
    if (isAnew) for (const pass of this.#passes.values()) pass.seen = null;
    const before = this.#entities;
    this.#entities = entities;
    const newest = jobs.at(-1);
    const isPlanned = newest?.id === planning?.jobId && planning?.isPlanned === true;
    const readingId = newest !== undefined && isPlanned && !hasEnded(newest.status) ? newest.id : null;
    return streams.flatMap((stream) => this.#follow(stream, before, isAnew, readingId));
  }

  /** What another config begins anew may have come some pages further since the last look. */
  #mayHaveReadAnew({ config: { edition }, modifiedAt }: NonNullable<View["connection"]>): boolean {
    const { answered } = this.#configs;
    const isAmended = modifiedAt !== this.#modifiedAt && (answered === null || answered !== this.#answered);
    const isAnother = isAmended || edition !== this.#edition;
    this.#edition = edition;
    this.#modifiedAt = modifiedAt;
    this.#answered = answered;
    return isAnother;
  }

  /** @param readingId the active job, where its streams are known */
  #follow(
    { name, number, progress }: StreamState,
    entities: View["entities"],
    isAnew: boolean,
    readingId: string | null,
  ): string[] {
    const known = this.#passes.get(name);
    if (progress === null || progress === known?.progress) return [];
    const given = this.#upstream.given(streamOf(name));
    const floor = known === undefined ? Number.POSITIVE_INFINITY : (numberIn(known.progress.checkpoint) ?? 0);
    const isSame = known?.progress.jobId === progress.jobId;
    const texts = textsOf(number, entities);
    const fresh = { progress, losses: known?.losses ?? 0, seen: new Set<string>(), kept: 0, failed: 0 };
    const pass: Pass = isSame ? known : { ...fresh, before: texts.size };
    const losses = given.losses.slice(pass.losses);
    const restarts = progress.restarts - (isSame ? pass.progress.restarts : 0);
    this.#passes.set(name, Object.assign(pass, { progress, losses: given.losses.length }));
    // Of what the read before this history gave out nothing is known, and a loss may have come to nobody's notice.
    if (known === undefined || isAnew || restarts !== (restarts === 0 ? 0 : losses.length)) pass.seen = null;
    // A pass of which no page has come is known again.
    if (progress.checkpoint === null && progress.jobId === readingId) {
      const seen = new Set<string>();
      Object.assign(pass, { seen, kept: 0, failed: 0, before: textsOf(number, this.#entities).size });
      return differences(name, pass, seen);
    }
    const last = given.upTo(numberIn(progress.checkpoint), floor);
    if (last.length === 0 && restarts === 0) return pass.seen === null ? [] : differences(name, pass, pass.seen);
    for (const page of losses.slice(0, restarts)) {
      apply(given.upTo(page, floor), texts, pass, false);
      if (pass.seen !== null) Object.assign(pass, { seen: new Set(), kept: 0, failed: 0, before: texts.size });
    }
    apply(last, texts, pass, progress.full);
    return pass.seen === null ? [] : differences(name, pass, pass.seen);
  }
}

function differences(stream: string, { progress, kept, failed, before }: Pass, seen: ReadonlySet<string>): string[] {
  const { counts, full, phase, nameless } = progress;
  return [
    ...(progress.before === before
      ? []
      : [`Stream ${stream} says that it had ${progress.before} entities when its read began; it had ${before}.`]),
    ...(counts.kept === kept ? [] : [`Stream ${stream} has kept ${counts.kept} entities; in its pages were ${kept}.`]),
    ...(counts.failed === failed
      ? []
      : [`Stream ${stream} says that ${counts.failed} entities failed; it is ${failed}.`]),
    ...(nameless === failed
      ? []
      : [`Stream ${stream} says that ${nameless} of its records had no id; in its pages were ${failed}.`]),
    ...(full && progress.seen !== seen.size
      ? [`Stream ${stream} has seen ${progress.seen} entities; in its pages were ${seen.size}.`]
      : []),
    ...(phase === "read" && failed > 0 ? [`Stream ${stream} has orphans by a pass in which ${failed} had no id.`] : []),
  ];
}

/** What each of the pages does to the copy and to the pass. */
function apply(pages: readonly GivenPage[], texts: Map<string, string>, pass: Pass, isFull: boolean): void {
  for (const page of pages) {
    const gone = new Set(page.tombstones);
    for (const id of gone) {
      texts.delete(id);
      pass.seen?.delete(id);
    }
    pass.failed += page.nameless;
    for (const [id, text] of page.texts) {
      if (gone.has(id)) continue;
      const isFirst = !isFull || pass.seen?.has(id) === false;
      pass.seen?.add(id);
      if (texts.get(id) === text && isFirst) pass.kept += 1;
      texts.set(id, text);
    }
  }
}

function textsOf(stream: number, entities: View["entities"]): Map<string, string> {
  const start = `${stream} `;
  const own = [...entities].filter(([key]) => key.startsWith(start));
  return new Map(own.map(([key, { text }]) => [key.slice(start.length), text]));
}
