import type { z } from "zod";

import type { Failure } from "#core/failure";
import type { Json, JsonObject } from "#core/json";
import type { SourceHttp } from "./http-client.ts";

/** One kind of entity in an opened source. */
export interface Stream {
  readonly name: string;
  /**
   * Paths into a record whose values identify it: `[["id"]]`, `[["repo"], ["number"]]`.
   * Null where records have no identity but their content.
   */
  readonly primaryKey: readonly (readonly string[])[] | null;
  /** Can a read continue from the cursor of an earlier job? Otherwise each read is a full one. */
  readonly incremental: boolean;
}

/** What a source yields at once. After any page the read can stop and be continued from `checkpoint`. */
export interface Page {
  /** Records as the source sent them. Those that can't be stored are counted as failed, not thrown. */
  readonly records: readonly unknown[];
  /** Ids of entities that the source says are gone. */
  readonly tombstones: readonly string[];
  /** What `read` needs to go on after this page in this job. */
  readonly checkpoint: Json;
  /** Set on the last page only. A read that stops without it is treated as cut off, and deletes nothing. */
  readonly end: End | null;
  /**
   * Epoch milliseconds before which there is no point in asking for the next page. A read may stop after such a page
   * without an `end`: it is not cut off, and is continued from the checkpoint at that time.
   */
  readonly resumeAt?: number;
}

export interface End {
  /** Where the next job continues from; null if the next read has to be a full one. */
  readonly cursor: Json;
  /**
   * Did this read, from its beginning, see every entity of the stream that exists now?
   * Only meaningful for a read that began without a cursor. False if anything was skipped.
   */
  readonly complete: boolean;
}

export interface ReadRequest {
  readonly stream: string;
  /** The cursor an earlier job ended with; null asks for everything. */
  readonly cursor: Json;
  /** The checkpoint of the last page that was kept in this job; null at the beginning. */
  readonly checkpoint: Json;
  /** Failures in a row since that page. */
  readonly attempts?: number;
}

/** A source with its configuration, credentials and HTTP client bound. Never sees storage. */
export interface OpenSource {
  /** Makes one cheap authenticated call. Throws a SourceFailure that says what is wrong. */
  check(): Promise<void>;
  /** The streams to read, in order. */
  streams(): Promise<readonly Stream[]>;
  /** Throws SourceFailure, or CursorLost when the source no longer knows the cursor. */
  read(request: ReadRequest): AsyncIterable<Page>;
}

/**
 * Small secrets that a source obtained itself and that have to outlive a slice: access tokens, rotated refresh tokens.
 * Sealed like credentials, kept with the connection, and forgotten when its credentials change. Whatever is open of a
 * connection at one time shares one object: who obtains a token takes turns with others by it.
 */
export interface Keepsakes {
  read(name: string): Promise<JsonObject | null>;
  /** Stored when the promise resolves. */
  write(name: string, value: JsonObject): Promise<void>;
}

export interface SourceContext<Config, Credentials> {
  readonly config: Config;
  readonly credentials: Credentials;
  readonly http: SourceHttp;
  readonly keepsakes: Keepsakes;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What a connector declares about itself. */
export interface SourceDefinition<Config, Credentials> {
  readonly shortName: string;
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** Runs continue from a cursor by default. */
  readonly continuous: boolean;
  /** For tests of Sluice itself: hidden unless ENABLE_INTERNAL_SOURCES is on. */
  readonly internal: boolean;
  /** The stream names a reader can expect, for the catalogue; empty where they depend on the configuration. */
  readonly streamNames: readonly string[];
  /** An object schema. Fields carry `.describe(…)` and `.meta({ title })`, which the catalogue shows. */
  readonly config: z.ZodType<Config>;
  /**
   * The fields of its config that cursors and checkpoints depend on without saying so themselves: where one changes,
   * everything is read anew. Left out: all of them.
   */
  readonly placeFields?: readonly string[];
  /** An object schema; a union of objects where there are alternatives. All fields are secret. */
  readonly credentials: z.ZodType<Credentials>;
  open(context: SourceContext<Config, Credentials>): OpenSource;
}

/** A stream as the catalogue shows it. */
export interface StreamNote {
  /** As far as it is known without a config. */
  readonly name: string;
  readonly primaryKey: readonly (readonly string[])[] | null;
  readonly incremental: boolean;
  readonly supported: boolean;
  /** Why it can't run here. */
  readonly findings: readonly StreamFinding[];
}

interface SourceRemark {
  /** The place in the manifest. */
  readonly path: readonly string[];
  readonly message: string;
}

interface StreamFinding extends SourceRemark {
  /** The class of a component that needs custom code. */
  readonly customClass: string | null;
}

/** What a connection's config and credentials do not fulfil. */
export interface SettingsFault {
  readonly place: "config" | "credentials";
  readonly path: readonly string[];
  readonly isMissing: boolean;
  readonly message: string;
}

/** A connector as the registry holds it: it parses what it is given, so callers need not know its types. */
export interface Source extends Omit<SourceDefinition<unknown, unknown>, "open"> {
  /** What is known of its streams beyond their names; left out where they depend on the configuration. */
  readonly streamNotes?: readonly StreamNote[];
  /** Streams that only a connection's config, or the API, tells: what describes them. */
  readonly dynamicStreamNotes?: readonly Pick<StreamNote, "name" | "supported" | "findings">[];
  /** What is probably a mistake, though it keeps nothing from running. */
  readonly warnings?: readonly SourceRemark[];
  /** What config and credentials lack together, each sound by its own schema. */
  settingsFaults?(config: JsonObject, credentials: JsonObject): readonly SettingsFault[];
  /** Parses config and credentials by the source's schemas (throws ZodError) and opens it. */
  open(context: SourceContext<JsonObject, JsonObject>): OpenSource;
}

export function defineSource<Config, Credentials>(definition: SourceDefinition<Config, Credentials>): Source {
  return {
    ...definition,
    open: (context) =>
      definition.open({
        ...context,
        config: definition.config.parse(context.config),
        credentials: definition.credentials.parse(context.credentials),
      }),
  };
}

/** A failure with what the job needs to decide: retry, wait, or give up. */
export class SourceFailure extends Error {
  override readonly name = "SourceFailure";
  readonly failure: Failure;

  constructor(failure: Pick<Failure, "kind" | "message"> & Partial<Failure>) {
    super(failure.message);
    this.failure = { retryAt: null, final: false, ...failure };
  }
}

/** The source no longer knows the cursor (a database recreated, a history expired): the stream is read in full. */
export class CursorLost extends Error {
  override readonly name = "CursorLost";
}
