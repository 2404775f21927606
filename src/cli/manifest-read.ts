import { styleText } from "node:util";

import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { createSourceHttp } from "#sources/http-client";
import { compileManifest, type CompiledManifest } from "#sources/manifest/compile";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { openManifest } from "#sources/manifest/manifest-source";
import { stringsIn } from "#sources/manifest/spec/secret-fields";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { SourceFailure, type OpenSource, type Page } from "#sources/source";
import { CannotStart } from "./cannot-start.ts";
import { readTextFile } from "./text-file.ts";

export interface ManifestRead {
  readonly file: string;
  readonly stream: string;
  readonly configFile: string;
  readonly cursorFile: string | null;
  readonly recordLimit: number;
  /** Print no requests, only records. */
  readonly isQuiet: boolean;
}

/** As a Worker's, by default. */
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_RESPONSE_BYTES = 32_000_000;

/** Tries of a read that gets nowhere; a person is waiting. */
const TRIES = 5;

/** Longest that is waited for an API that asks for patience. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Reads a stream to standard output, a record a line. What is asked of the API, and how it went, goes to standard
 * error, with the credentials left out.
 *
 * @returns 0 where the stream was read to its end (or the limit), 1 where it failed
 */
export async function readManifestStream(read: ManifestRead): Promise<number> {
  const manifest = manifestIn(read.file);
  const config = objectIn(read.configFile);
  const cursor: Json = read.cursorFile === null ? null : jsonIn(read.cursorFile);
  const say = (text: string) => {
    if (!read.isQuiet) console.error(text);
  };
  const { credentials } = manifest.spec.split(config);
  const http = createSourceHttp({
    fetch: async (url, init) => {
      const startedAt = performance.now();
      const response = await fetch(url, init);
      const ms = Math.round(performance.now() - startedAt);
      const size = response.headers.get("content-length");
      say(
        `${styleText("cyan", init.method ?? "GET")} ${http.redact(url)} ${statusText(response.status)} ${styleText("dim", `${ms} ms${size === null ? "" : `, ${size} B`}`)}`,
      );
      return response;
    },
    signal: new AbortController().signal,
    now: Date.now,
    allowPrivate: true,
    secrets: stringsIn(credentials),
    maxResponseBytes: MAX_RESPONSE_BYTES,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  const compiled = manifest.streams.find(({ name }) => name === read.stream);
  for (const { path, message } of compiled?.findings ?? []) say(`${path.join(".")}: ${message}`);
  const source = await opened(() =>
    openManifest(manifest, { config, credentials: {}, http, keepsakes: new MemoryKeepsakes(), now: Date.now }),
  );
  const known = (await opened(() => source.streams())).map(({ name }) => name);
  if (!known.includes(read.stream)) {
    const others = known.length === 0 ? "None of its streams can." : `It has: ${known.join(", ")}.`;
    throw new CannotStart(`${read.file} has no stream "${read.stream}" that can run. ${others}`);
  }
  return printStream(source, read, cursor, say);
}

async function printStream(
  source: OpenSource,
  { stream, recordLimit }: ManifestRead,
  cursor: Json,
  say: (text: string) => void,
): Promise<number> {
  let checkpoint: Json = null;
  let printed = 0;
  for (let attempts = 0; attempts < TRIES; attempts += 1) {
    try {
      for await (const page of source.read({ stream, cursor, checkpoint, attempts })) {
        attempts = 0;
        printed += printRecords(page.records.slice(0, recordLimit - printed));
        checkpoint = page.checkpoint;
        if (page.end !== null) {
          const hint = printed === 0 ? "If the API has some, compare the extractor's field_path with its answer. " : "";
          say(`\n${printed} records. ${hint}${endOf(page)}`);
          return 0;
        }
        if (printed >= recordLimit) {
          say(`\n${printed} records, as many as were asked for.`);
          return 0;
        }
        if (page.resumeAt !== undefined) await waitUntil(page.resumeAt, say);
      }
    } catch (error) {
      if (!(error instanceof SourceFailure)) throw error;
      const { message, final, retryAt } = error.failure;
      say(styleText("red", message));
      if (final || attempts + 1 === TRIES) return 1;
      await waitUntil(retryAt ?? Date.now() + 1_000 * 2 ** attempts, say);
    }
  }
  return 1;
}

function printRecords(records: readonly unknown[]): number {
  for (const record of records) console.log(JSON.stringify(record));
  return records.length;
}

function endOf({ end }: Page): string {
  const cursor = end?.cursor ?? null;
  return cursor === null ? "" : `Cursor for the next read: ${JSON.stringify(cursor)}`;
}

async function waitUntil(at: number, say: (text: string) => void): Promise<void> {
  const ms = at - Date.now();
  if (ms <= 0) return;
  if (ms > LONGEST_WAIT_MS) throw new CannotStart(`The API asks to wait ${Math.ceil(ms / 1000)} s. Try again then.`);
  say(styleText("dim", `waiting ${(ms / 1000).toFixed(1)} s`));
  await new Promise((resolve) => setTimeout(resolve, ms));
}

function statusText(status: number): string {
  return styleText(status < 400 ? "green" : "red", String(status));
}

/** A manifest or a config that does not allow to begin is the person's to mend. */
async function opened<T>(open: () => T | Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw error instanceof SourceFailure ? new CannotStart(error.failure.message) : error;
  }
}

function manifestIn(file: string): CompiledManifest {
  const text = readTextFile(file);
  try {
    return compileManifest(parseDocument(text));
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new CannotStart(`${file} can't be used:\n${error.message}`);
  }
}

function jsonIn(path: string): Json {
  try {
    return JSON.parse(readTextFile(path));
  } catch (error) {
    if (error instanceof CannotStart) throw error;
    throw new CannotStart(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function objectIn(path: string): JsonObject {
  const value = jsonIn(path);
  if (!isJsonObject(value))
    throw new CannotStart(`${path} has to be a JSON object: the connection's config and credentials.`);
  return value;
}
