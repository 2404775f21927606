import { z } from "zod";

import type { Config } from "#config";
import { refused, type Refusal } from "#core/errors";
import type { FailureKind } from "#core/failure";
import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { createSourceHttp, type HttpUsage } from "#sources/http-client";
import { outboundFetch } from "#sources/outbound-fetch";
import { SourceFailure, type Keepsakes, type OpenSource, type Source } from "#sources/source";
import type { Surroundings } from "./surroundings.ts";

export interface OpenedSource {
  readonly source: OpenSource;
  usage(): HttpUsage;
}

export interface SourceSettings {
  readonly shortName: string;
  /** The source itself, where it is not one of those that come with Sluice. */
  readonly brought: Source | null;
  readonly config: JsonObject;
  readonly credentials: JsonObject;
}

type SourceSurroundings = Pick<Surroundings, "now" | "findSource">;

/** Opens a source for as long as `signal` allows. Throws a SourceFailure where that can't be done. */
export function openSource(
  settings: SourceSettings,
  worker: Config,
  keepsakes: Keepsakes,
  signal: AbortSignal,
  { now, findSource }: SourceSurroundings,
): OpenedSource {
  const definition = settings.brought ?? findSource(settings.shortName);
  if (definition === null) {
    throw unusable(`The source "${settings.shortName}" is not part of this version of Sluice.`);
  }
  const allowPrivate = worker.ALLOW_PRIVATE_UPSTREAMS;
  const http = createSourceHttp({
    fetch: (url, init) => outboundFetch(url, init, { allowPrivate }),
    signal,
    now,
    allowPrivate,
    secrets: secretsIn(settings.credentials),
    maxResponseBytes: worker.MAX_RESPONSE_BYTES,
    requestTimeoutMs: worker.REQUEST_TIMEOUT_MS,
  });
  try {
    const source = definition.open({
      config: settings.config,
      credentials: settings.credentials,
      http,
      keepsakes,
      now,
    });
    return { source, usage: () => http.usage() };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const fields = error.issues.map(({ path }) => path.join(".")).join(", ");
    throw unusable(
      `The stored config or credentials do not fit the source any more (${fields}). Update the connection.`,
    );
  }
}

/** Longest that a caller waits for the live check of config and credentials. */
const CHECK_TIMEOUT_MS = 25_000;

/**
 * Asks the source whether it accepts config and credentials. Null if it does. What it obtains in doing so is in
 * `keepsakes`, and has to be kept: a refresh token that was given a successor is worth nothing any more.
 */
export async function checkSource(
  settings: SourceSettings,
  worker: Config,
  keepsakes: Keepsakes,
  around: SourceSurroundings,
): Promise<Refusal | null> {
  const impatient = { ...worker, REQUEST_TIMEOUT_MS: Math.min(worker.REQUEST_TIMEOUT_MS, CHECK_TIMEOUT_MS) };
  try {
    await openSource(settings, impatient, keepsakes, new AbortController().signal, around).source.check();
    return null;
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    const { kind, message, retryAt, unreached } = error.failure;
    const retryAfterSeconds = retryAt === null ? undefined : Math.max(1, Math.ceil((retryAt - around.now()) / 1000));
    // Where nothing answers, it is the address that is wrong, until the opposite is shown.
    const refusal: Refusal = { code: unreached === true ? "source_refused" : CODES[kind], message };
    return refused(retryAfterSeconds === undefined ? refusal : { ...refusal, retryAfterSeconds }).refusal;
  }
}

/** What a failed check tells the caller: it is the caller's to mend, or the source is at fault. */
const CODES: Record<FailureKind, "source_refused" | "source_rate_limited" | "source_unreachable"> = {
  authentication: "source_refused",
  permission: "source_refused",
  not_found: "source_refused",
  bad_request: "source_refused",
  rate_limit: "source_rate_limited",
  transient: "source_unreachable",
  bad_response: "source_unreachable",
  internal: "source_unreachable",
};

function unusable(message: string): SourceFailure {
  return new SourceFailure({ kind: "internal", message, final: true });
}

function secretsIn(value: Json): string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (isJsonObject(value)) return Object.values(value).flatMap(secretsIn);
  return Array.isArray(value) ? value.flatMap(secretsIn) : [];
}
