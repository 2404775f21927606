import { z } from "zod";

import { isJsonObject, type Json } from "#core/json";
import { SourceFailure } from "#sources/source";
import type { ApiResponse } from "#sources/manifest/api-response";
import { defineComponent } from "#sources/manifest/component";
import { decoder } from "#sources/manifest/decoder/decoder";
import { jsonDecoder } from "#sources/manifest/decoder/json-decoder";
import { NO_PAGINATION } from "#sources/manifest/paginator/no-pagination";
import { paginator } from "#sources/manifest/paginator/paginator";
import { cartesianProduct } from "#sources/manifest/partition/cartesian-product";
import { partitionRouter } from "#sources/manifest/partition/partition-router";
import { requester } from "#sources/manifest/requester/requester";
import { extractor } from "#sources/manifest/selector/extractor";
import { selector, type IsWanted } from "#sources/manifest/selector/selector";
import type { StreamSlice } from "#sources/manifest/stream-slice";
import { text } from "#sources/manifest/text";
import { asyncJobSchema, statusMapping, type Answer, type AsyncJob } from "./async-job.ts";
import { contextFor, NOTHING, type FetchedPage } from "./page-fetch.ts";
import { readPartitions } from "./read-partitions.ts";
import type { Retriever, StreamTerms } from "./retriever.ts";

/** Between two looks at a job. */
const POLL_INTERVAL_MS = 5_000;

/** Jobs for one slice, the first included. */
const MAX_JOBS = 3;

/** What a job may take where the manifest does not say. */
const DEFAULT_TIMEOUT_MINUTES = 60;

/** Longest answer about a job: it is part of the checkpoint until the job is done. */
const MAX_ANSWER_LENGTH = 50_000;

/** Reads what an API prepares on its side: asks for it, looks after it until it is ready, and downloads it. */
export const asyncRetriever = defineComponent({
  type: "AsyncRetriever",
  fields: z.object({
    record_selector: selector.schema,
    status_mapping: statusMapping,
    status_extractor: extractor.schema,
    creation_requester: requester.schema,
    polling_requester: requester.schema,
    polling_job_timeout: text.nullish(),
    failed_retry_wait_time_in_seconds: text.nullish(),
    download_target_extractor: extractor.schema.nullish(),
    download_target_requester: requester.schema.nullish(),
    download_requester: requester.schema,
    download_extractor: extractor.schema.nullish(),
    download_decoder: decoder.schema.nullish(),
    download_paginator: paginator.schema.nullish(),
    abort_requester: requester.schema.nullish(),
    delete_requester: requester.schema.nullish(),
    decoder: decoder.schema.nullish(),
    partition_router: z.union([z.array(partitionRouter.schema), partitionRouter.schema]).nullish(),
  }),
  build(fields, scope) {
    return (terms: StreamTerms): Retriever => {
      const incremental = terms.incremental?.(scope) ?? null;
      const answers = fields.decoder?.(scope) ?? jsonDecoder(scope);
      const downloaded = fields.download_extractor?.(scope) ?? null;
      const downloads = downloaded?.decoder ?? fields.download_decoder?.(scope) ?? jsonDecoder(scope);
      const statusOf = fields.status_extractor(scope);
      const targetsOf = fields.download_target_extractor?.(scope) ?? null;
      const create = fields.creation_requester(scope);
      const poll = fields.polling_requester(scope);
      const targets = fields.download_target_requester?.(scope) ?? null;
      const download = fields.download_requester(scope);
      const abort = fields.abort_requester?.(scope) ?? null;
      const remove = fields.delete_requester?.(scope) ?? null;
      const pages = fields.download_paginator?.(scope) ?? NO_PAGINATION;
      const timeoutMs = 60_000 * (Number(fields.polling_job_timeout?.(scope).value() ?? 0) || DEFAULT_TIMEOUT_MINUTES);
      const retryWaitMs = 1000 * (Number(fields.failed_retry_wait_time_in_seconds?.(scope).value() ?? 0) || 0);
      const select = fields.record_selector(scope)({
        transformations: terms.transformations.map((transformation) => transformation(scope)),
        schema: terms.schema,
        transformsFirst: incremental?.isClientSide === true,
      });

      const ask = async (from: typeof create, slice: StreamSlice, what: string): Promise<ApiResponse> => {
        const answer = await from.send({ slice, token: null, options: [] });
        if (answer.type === "response") return answer.response;
        throw new SourceFailure({ kind: "bad_response", message: `The API did not ${what} for ${terms.name}.` });
      };

      const started = async (slice: StreamSlice, failures: number): Promise<FetchedPage> => {
        const response = await ask(create, slice, "create a job");
        const creation = answerOf(response, terms.name);
        const next: AsyncJob = { phase: "poll", failures, polls: 0, createdAt: scope.now(), creation };
        return waiting(next, scope.now());
      };

      const failed = (failures: number, reason: string): FetchedPage => {
        if (failures < MAX_JOBS) return waiting({ phase: "create", failures }, scope.now() + retryWaitMs);
        throw new SourceFailure({
          kind: "bad_response",
          message: `The API ${reason} ${failures} times while it prepared ${terms.name}.`,
          final: true,
        });
      };

      const looked = async (slice: StreamSlice, job: Extract<AsyncJob, { phase: "poll" }>): Promise<FetchedPage> => {
        const during = withFields(slice, { creation_response: job.creation });
        const response = await ask(poll, during, "say how a job stands");
        const [found] = statusOf.extract(await answers.decode(response)).records;
        const word = typeof found === "string" ? found : String(found);
        const status = fields.status_mapping.get(word);
        switch (status) {
          case "completed": {
            const polling = answerOf(response, terms.name);
            const { sources, isConclusive } = await targetsIn(slice, polling, response);
            if (sources.length === 0) return { ...NOTHING, isPartial: !isConclusive };
            const { creation } = job;
            return waiting({ phase: "download", creation, polling, targets: sources, token: null }, scope.now());
          }
          case "skipped":
            return NOTHING;
          case "running":
            if (scope.now() - job.createdAt < timeoutMs) {
              return waiting({ ...job, polls: job.polls + 1 }, scope.now() + POLL_INTERVAL_MS);
            }
            if (abort !== null) await abort.send({ slice: during, token: null, options: [] });
            return failed(job.failures + 1, "ran out of time");
          case "timeout":
            return failed(job.failures + 1, "ran out of time");
          case "failed":
            return failed(job.failures + 1, "failed");
          case undefined:
            throw new SourceFailure({
              kind: "bad_response",
              message: `The API says that a job for ${terms.name} is "${word.slice(0, 100)}", which the manifest's status_mapping does not have.`,
              final: true,
            });
        }
      };

      const targetsIn = async (slice: StreamSlice, polling: Answer, polled: ApiResponse) => {
        if (targetsOf === null) return { sources: [""], isConclusive: true };
        const response =
          targets === null
            ? polled
            : await ask(
                targets,
                { ...withFields(slice, { polling_response: polling }), partition: {}, cursorSlice: {} },
                "say what to download",
              );
        const { records, isConclusive } = targetsOf.extract(await answers.decode(response));
        return { sources: records.map(String), isConclusive };
      };

      const loaded = async (
        slice: StreamSlice,
        job: Extract<AsyncJob, { phase: "download" }>,
        isWanted: IsWanted,
      ): Promise<FetchedPage> => {
        const [target = "", ...rest] = job.targets;
        const during = withFields(slice, {
          download_target: target,
          creation_response: job.creation,
          polling_response: job.polling,
        });
        const token = job.token ?? pages.initialToken;
        const answer = await download.send({
          slice: during,
          token,
          path: pages.path(token),
          options: [pages.options(token)],
        });
        const response = answer.type === "response" ? answer.response : null;
        const documents = response === null ? [] : await downloads.decode(response);
        const found = downloaded?.extract(documents);
        const records = found?.records ?? documents;
        const selection = select.sift(records, contextFor(slice), isWanted);
        const following =
          response === null
            ? null
            : pages.next({
                response,
                document: documents[0] ?? null,
                extractedCount: records.length,
                recordCount: selection.records.length,
                lastRecord: selection.records.at(-1) ?? null,
                token,
                slice: during,
              });
        const next: AsyncJob | null =
          following === null
            ? rest.length === 0
              ? null
              : { ...job, targets: rest, token: null }
            : { ...job, token: following };
        if (next === null && remove !== null) {
          await remove.send({
            slice: withFields(slice, { creation_response: job.creation }),
            token: null,
            options: [],
          });
        }
        const isPartial = answer.type !== "response" || found?.isConclusive === false;
        return { ...NOTHING, records: selection.records, misfits: selection.misfits, next, isPartial };
      };

      const fetch = (slice: StreamSlice, token: Json, isWanted: IsWanted): Promise<FetchedPage> => {
        const job = token === null ? null : asyncJobSchema.parse(token);
        if (job === null) return started(slice, 0);
        switch (job.phase) {
          case "create":
            return started(slice, job.failures);
          case "poll":
            return looked(slice, job);
          case "download":
            return loaded(slice, job, isWanted);
        }
      };

      const router = cartesianProduct([fields.partition_router ?? []].flat().map((one) => one(scope)));
      const parts = { stream: terms.name, router, incremental, reset: null, initialToken: null, now: scope.now, fetch };
      return { read: (read) => readPartitions(parts, read) };
    };
  },
});

/** Nothing yet: the job is `next`, and there is no point in asking before `resumeAt`. */
function waiting(next: AsyncJob, resumeAt: number): FetchedPage {
  return { ...NOTHING, next, resumeAt };
}

function withFields(slice: StreamSlice, fields: StreamSlice["extraFields"]): StreamSlice {
  return { ...slice, extraFields: { ...slice.extraFields, ...fields } };
}

/** An answer's fields, and its headers where it has no field of that name. */
function answerOf(response: ApiResponse, stream: string): Answer {
  const body = response.json();
  const answer = { headers: response.headers, ...(isJsonObject(body) ? body : {}) };
  if (JSON.stringify(answer).length > MAX_ANSWER_LENGTH) {
    throw new SourceFailure({
      kind: "bad_response",
      message: `The API's answer about a job for ${stream} is longer than ${MAX_ANSWER_LENGTH} characters.`,
      final: true,
    });
  }
  return answer;
}
