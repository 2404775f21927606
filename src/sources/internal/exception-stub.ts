import { z } from "zod";

import type { FailureKind } from "#core/failure";
import { defineSource, SourceFailure, type Stream } from "#sources/source";
import { pacedPages } from "./paced-pages.ts";
import { container, STUB_KEY, stubRecord } from "./stub-record.ts";

/** The errors that can be simulated, each as the failure that a real source's client would make of it. */
const KINDS = {
  runtime_error: "internal",
  source_auth_error: "authentication",
  source_token_refresh_error: "authentication",
  source_server_error: "transient",
  source_rate_limit_error: "rate_limit",
  source_entity_not_found: "not_found",
  source_entity_forbidden: "permission",
  token_expired: "authentication",
  token_credentials_invalid: "authentication",
  token_provider_config_error: "bad_request",
  token_provider_server_error: "transient",
  timeout: "transient",
  cancelled: "internal",
} as const satisfies Record<string, FailureKind>;

const configSchema = z.object({
  entity_count: z
    .int()
    .min(1)
    .max(100_000)
    .default(10)
    .meta({ title: "Entity count" })
    .describe("How many entities there are, the container among them."),
  seed: z.int().default(42).meta({ title: "Seed" }).describe("The same seed makes the same entities."),
  exception_type: z
    .literal(keysOf(KINDS))
    .default("runtime_error")
    .meta({ title: "Exception type" })
    .describe("Which error to end with."),
  auth_provider_kind: z
    .enum(["static", "credential", "oauth", "auth_provider"])
    .default("credential")
    .meta({ title: "Auth provider kind" })
    .describe("Where the refused credentials are said to come from. Sluice treats all of them alike."),
  trigger_after: z
    .int()
    .min(-1)
    .default(5)
    .meta({ title: "Trigger after" })
    .describe("After how many entities, the container not counted; -1 after the last, entity_count or more for never."),
  error_message: z.string().max(1_000).nullish().meta({ title: "Error message" }).describe("What the error says."),
  fail_on_validate: z
    .boolean()
    .default(false)
    .meta({ title: "Fail on validate" })
    .describe("Refuse the credentials when they are checked."),
});
type Config = z.infer<typeof configSchema>;

const credentialsSchema = z.object({
  stub_key: z.string().trim().min(1).optional().meta({ title: "Stub key" }).describe("Any value."),
});

const STREAM: Stream = { name: "entities", primaryKey: STUB_KEY, incremental: false };

/** Fails in a chosen way after a chosen number of entities. For tests of what a failure does to a job. */
export const exceptionStub = defineSource({
  shortName: "exception_stub",
  name: "Exception Stub",
  description: "Makes up entities, then fails as configured. For tests of Sluice itself.",
  labels: ["Internal", "Testing"],
  continuous: false,
  internal: true,
  streamNames: [STREAM.name],
  config: configSchema,
  credentials: credentialsSchema,
  open({ config, now }) {
    return {
      async check() {
        if (config.fail_on_validate) throw simulatedFailure(config, "authentication");
      },
      async streams() {
        return [STREAM];
      },
      read: ({ checkpoint }) => pacedPages(sequence(config), checkpoint, now),
    };
  },
});

function sequence(config: Config) {
  const { entity_count, seed, exception_type } = config;
  const fails = triggerOf(config) < entity_count;
  return {
    count: fails ? 1 + triggerOf(config) : entity_count,
    spacingMs: 0,
    recordAt: (index: number) =>
      index === 0
        ? container("exception_stub", seed, entity_count)
        : stubRecord({ source: "exception_stub", seed, index: index - 1, kind: "small" }),
    failure: fails ? simulatedFailure(config, KINDS[exception_type]) : null,
  };
}

/** Final, since it stands for an error that retries did not help against. */
function simulatedFailure(config: Config, kind: FailureKind): SourceFailure {
  const message =
    config.error_message ??
    `[ExceptionStub] ${config.exception_type} triggered after ${triggerOf(config)} entities (simulated failure).`;
  return new SourceFailure({ kind, message, final: true });
}

/** After how many entities, the container not counted. */
function triggerOf({ trigger_after, entity_count }: Config): number {
  return trigger_after === -1 ? entity_count - 1 : trigger_after;
}

function keysOf<K extends string>(record: Record<K, unknown>): K[] {
  return Object.keys(record).filter((key): key is K => key in record);
}
