import { isRejected, sameContent, toEntity, type Entity, type Rejected } from "#core/entity";
import type { Counts } from "#core/job";
import type { ActiveStream, StreamProgress } from "#core/stream-state";
import type { End, Page } from "#sources/source";
import type { Copy, EntityRow, StoredEntity } from "./copy.ts";
import { contentDigest } from "./content-digest.ts";
import { PassMarks } from "./pass-marks.ts";

/** Reasons for refused entities that a stream keeps for the job's `error_details`. */
const REJECTION_SAMPLE = 10;

/**
 * Applies one page: entities, tombstones, marks, the change feed's entry, counts and checkpoint. Runs inside one
 * transaction, so applying a page again after a crash finds nothing of it, and counts it once.
 *
 * @returns the stream after the page, to be stored in the same transaction
 */
export function applyPage(copy: Copy, stream: ActiveStream, page: Page, now: number): ActiveStream {
  const { progress } = stream;
  const tombstones = new Set(page.tombstones);
  const { entities, rejected } = readRecords(page.records, progress.primaryKey, tombstones);
  const rejectedIds = rejected.flatMap(({ id }) => (id === null ? [] : [id]));
  const stored = copy.find(stream.number, [...entities.keys(), ...tombstones, ...rejectedIds]);
  const marks = progress.full ? new PassMarks(copy, stream.number) : null;

  const sorted = sortOut(entities, stored, marks, stream.nextEntityNumber);
  const deleted = [...tombstones].filter((id) => stored.has(id));
  const unseen = deleted.filter((id) => unmark(marks, stored.get(id))).length;
  // The source still has what could not be stored, so an older version of it is not an orphan.
  const held = rejectedIds.filter((id) => mark(marks, stored.get(id))).length;
  marks?.save();

  const changed = sorted.rows.length > 0 || deleted.length > 0;
  if (changed) {
    copy.write({ stream: stream.number, jobId: progress.jobId, at: now, deletes: deleted }, sorted.rows);
  }
  const counts: Counts = {
    inserted: progress.counts.inserted + sorted.inserted,
    updated: progress.counts.updated + sorted.rows.length - sorted.inserted,
    deleted: progress.counts.deleted + deleted.length,
    kept: progress.counts.kept + sorted.kept,
    failed: progress.counts.failed + rejected.length,
  };
  const applied: ActiveStream = {
    ...stream,
    count: stream.count + sorted.inserted - deleted.length,
    nextEntityNumber: stream.nextEntityNumber + sorted.inserted,
    lastChangedAt: changed ? now : stream.lastChangedAt,
    progress: {
      ...progress,
      counts,
      checkpoint: page.checkpoint,
      pages: progress.pages + 1,
      nameless: progress.nameless + rejected.length - rejectedIds.length,
      seen: progress.seen + sorted.newlySeen + held - unseen,
      attempts: 0,
      retryAt: page.resumeAt !== undefined && page.resumeAt > now ? page.resumeAt : null,
      reason: page.resumeAt !== undefined && page.resumeAt > now ? "The source has nothing to give before then." : null,
      reasonKind: null,
      rejections: [...progress.rejections, ...sample(rejected, stream.name)].slice(0, REJECTION_SAMPLE),
    },
  };
  return page.end === null ? applied : finishReading(applied, page.end);
}

interface ReadRecords {
  /** By id; of records with the same id the last one counts. */
  readonly entities: Map<string, Entity>;
  readonly rejected: readonly Rejected[];
}

function readRecords(
  records: readonly unknown[],
  primaryKey: StreamProgress["primaryKey"],
  tombstones: ReadonlySet<string>,
): ReadRecords {
  const entities = new Map<string, Entity>();
  const rejected: Rejected[] = [];
  for (const record of records) {
    const entity = toEntity(record, primaryKey, contentDigest);
    if (isRejected(entity)) rejected.push(entity);
    else if (!tombstones.has(entity.id)) entities.set(entity.id, entity);
  }
  return { entities, rejected };
}

interface SortedOut {
  /** Inserted and updated entities. */
  readonly rows: readonly EntityRow[];
  readonly inserted: number;
  readonly kept: number;
  readonly newlySeen: number;
}

function sortOut(
  entities: ReadonlyMap<string, Entity>,
  stored: ReadonlyMap<string, StoredEntity>,
  marks: PassMarks | null,
  firstNumber: number,
): SortedOut {
  const rows: EntityRow[] = [];
  let inserted = 0;
  let kept = 0;
  let newlySeen = 0;
  for (const { id, text } of entities.values()) {
    const before = stored.get(id);
    const number = before?.number ?? firstNumber + inserted;
    const isNewlySeen = marks === null || marks.mark(number);
    if (isNewlySeen) newlySeen += 1;
    if (before === undefined) {
      inserted += 1;
      rows.push({ id, number, text, isNew: true });
    } else if (!sameContent(before.text, text)) {
      rows.push({ id, number, text, isNew: false });
    } else if (isNewlySeen) {
      // A moving page shows an entity twice in a pass: kept once.
      kept += 1;
    }
  }
  return { rows, inserted, kept, newlySeen };
}

function mark(marks: PassMarks | null, entity: StoredEntity | undefined): boolean {
  return marks !== null && entity !== undefined && marks.mark(entity.number);
}

function unmark(marks: PassMarks | null, entity: StoredEntity | undefined): boolean {
  return marks !== null && entity !== undefined && marks.unmark(entity.number);
}

function sample(rejected: readonly Rejected[], stream: string) {
  return rejected.slice(0, REJECTION_SAMPLE).map(({ id, reason }) => ({ stream, id, reason }));
}

/** The cursor moves now, unless the pass found orphans: they are deleted first. */
function finishReading(stream: ActiveStream, end: End): ActiveStream {
  const { progress } = stream;
  const isWhole = progress.full && !progress.isContinued && !progress.isMixed;
  const provesDeletes = isWhole && end.complete && progress.nameless === 0;
  if (provesDeletes && orphansOf(stream) > 0) {
    return { ...stream, progress: { ...progress, phase: "read", endCursor: end.cursor } };
  }
  return { ...stream, cursor: end.cursor, progress: { ...progress, phase: "done", endCursor: end.cursor } };
}

/** Entities in the stream that the pass has not seen. */
export function orphansOf({ count, progress }: ActiveStream): number {
  return count - progress.seen;
}
