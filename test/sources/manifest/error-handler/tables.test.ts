import { readFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { errorHandler } from "#sources/manifest/error-handler/error-handler";
import { joinComponents } from "#sources/manifest/registry";
import { SourceFailure } from "#sources/source";
import { apiResponse } from "#test/support/api-response";
import { manifestScope } from "#test/support/manifest-scope";

/*
 * The tables say what the CDK decided; oracle.py beside them made them.
 */

const response = z.object({
  status: z.int().default(429),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
const config = z.record(z.string(), z.json());

const decisions = read(
  "decisions.json",
  z.object({
    config,
    responses: z.array(response),
    handlers: z.array(z.object({ handler: z.json(), actions: z.array(z.string()) })),
  }),
);
const backoffs = read(
  "backoffs.json",
  z.object({
    config,
    now: z.number(),
    responses: z.array(response),
    strategies: z.array(
      z.object({
        strategies: z.array(z.json()),
        waits: z.array(z.union([z.literal("refused"), z.array(z.number().nullable())])),
      }),
    ),
  }),
);

beforeAll(() => {
  joinComponents();
});

describe.each(decisions.handlers.map((one) => ({ ...one, name: JSON.stringify(one.handler) })))(
  "$name",
  ({ handler, actions }) => {
    test("decides as the CDK does", () => {
      const built = errorHandler.schema.parse(handler)(manifestScope(decisions.config));
      const decided = decisions.responses.map((one) => built.interpret(apiResponse(one)).action);
      expect(decided).toEqual(actions);
    });
  },
);

describe.each(backoffs.strategies.map((one) => ({ ...one, name: JSON.stringify(one.strategies) })))(
  "$name",
  ({ strategies, waits }) => {
    test("wait as long as the CDK does", () => {
      const scope = manifestScope(backoffs.config, { now: () => backoffs.now });
      const definition = { type: "DefaultErrorHandler", backoff_strategies: strategies };
      const built = errorHandler.schema.parse(definition)(scope);
      const waited = backoffs.responses.map((one) => {
        try {
          return [1, 2, 3].map((attempt) => rounded(built.backoffMs(apiResponse(one), attempt)));
        } catch (error) {
          if (error instanceof SourceFailure && error.failure.final) return "refused";
          throw error;
        }
      });
      expect(waited).toEqual(waits.map((wait) => (wait === "refused" ? wait : wait.map(inMilliseconds))));
    });
  },
);

/** No wait at all is what the CDK says with 0 as well as with None. */
function inMilliseconds(seconds: number | null): number | null {
  return seconds === null || seconds === 0 ? null : Math.round(seconds * 1000);
}

function rounded(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.round(milliseconds);
}

function read<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(join(import.meta.dirname, name), "utf8")));
}
