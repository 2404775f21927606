import type { Json } from "#core/json";
import type { End, Page, ReadRequest } from "#sources/source";
import { concernsRepository, withAdvice } from "./advice.ts";
import type { GithubClient } from "./client.ts";
import { keptRecord } from "./record.ts";
import { AT_THE_BEGINNING, type Checkpoint, checkpointSchema, cursorSchema, type RepositoryCursor } from "./state.ts";
import type { GithubStream } from "./streams.ts";

export interface Reading {
  readonly client: GithubClient;
  readonly stream: GithubStream;
  /** The configured repositories, in order. */
  readonly repositories: readonly string[];
  readonly pageSize: number;
}

/** Reads a stream of one repository after the other; one request a page. */
export async function* readRepositories(
  reading: Reading,
  { cursor, checkpoint }: Pick<ReadRequest, "cursor" | "checkpoint">,
): AsyncGenerator<Page, void> {
  const known = cursor === null ? {} : cursorSchema.parse(cursor).repositories;
  let state = checkpoint === null ? AT_THE_BEGINNING : checkpointSchema.parse(checkpoint);
  let repository = nextRepository(reading, state);
  if (repository === null) {
    // The configuration lost the repositories that were left, while the job was under way.
    yield { records: [], tombstones: [], checkpoint: state, end: endOf(reading, state, cursor) };
  }
  while (repository !== null) {
    const name = repository;
    const reached = await advance(reading, name, known[name] ?? null, state);
    state = reached.state;
    repository = nextRepository(reading, state);
    yield {
      records: reached.records.map((record) => keptRecord(record, name)),
      tombstones: [],
      checkpoint: state,
      end: repository === null ? endOf(reading, state, cursor) : null,
    };
  }
}

interface Reached {
  readonly records: readonly unknown[];
  readonly state: Checkpoint;
}

/** One request's worth of a repository. */
async function advance(
  reading: Reading,
  repository: string,
  cursor: RepositoryCursor | null,
  state: Checkpoint,
): Promise<Reached> {
  const { client, stream, pageSize } = reading;
  const position = state.current?.repository === repository ? state.current.position : null;
  try {
    const step = await withAdvice(repository, () => stream.step({ client, repository, pageSize, cursor, position }));
    const { records, ended } = step;
    if (ended === null) return { records, state: { ...state, current: { repository, position: step.position } } };
    return { records, state: { ...state, finished: { ...state.finished, [repository]: ended }, current: null } };
  } catch (error) {
    const postponed = [...state.postponed, repository];
    const othersLeft = pending(reading, state).some((name) => !postponed.includes(name));
    if (!othersLeft || !concernsRepository(error)) throw error;
    return { records: [], state: { ...state, postponed, current: null } };
  }
}

/** The repository at work, else the next one; those postponed come last. Null when all are done. */
function nextRepository(reading: Reading, state: Checkpoint): string | null {
  const left = pending(reading, state);
  const current = left.find((name) => name === state.current?.repository);
  return current ?? left.find((name) => !state.postponed.includes(name)) ?? left[0] ?? null;
}

function pending({ repositories }: Reading, { finished }: Checkpoint): readonly string[] {
  return repositories.filter((name) => !Object.hasOwn(finished, name));
}

function endOf({ stream, repositories }: Reading, { finished }: Checkpoint, cursor: Json): End {
  const kept = Object.entries(finished).filter(([name]) => repositories.includes(name));
  return {
    cursor: stream.incremental ? { repositories: Object.fromEntries(kept) } : null,
    complete: cursor === null,
  };
}
