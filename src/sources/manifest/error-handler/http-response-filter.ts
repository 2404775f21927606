import { z } from "zod";

import { kindOfStatus } from "#sources/response-failure";
import type { FailureKind } from "#core/failure";
import type { ApiResponse } from "#sources/manifest/api-response";
import { defineComponent } from "#sources/manifest/component";
import { viewOfHeaders } from "#sources/manifest/headers-view";
import { condition } from "#sources/manifest/condition";
import { text } from "#sources/manifest/text";
import type { Resolution } from "./error-handler.ts";
import { errorMessageIn } from "./error-message.ts";

/** A rule about answers. */
export interface ResponseFilter {
  /** Null where the rule is about other answers. */
  match(response: ApiResponse): Resolution | null;
}

const ACTIONS = [
  "SUCCESS",
  "FAIL",
  "RETRY",
  "IGNORE",
  "RESET_PAGINATION",
  "RATE_LIMITED",
  "REFRESH_TOKEN_THEN_RETRY",
] as const;
type Action = (typeof ACTIONS)[number];

/** Actions of newer manifests that change what is asked for, which the retriever can't do. */
const REFUSED_ACTIONS = ["REDUCE_PAGE_SIZE", "SPLIT_REQUEST_WINDOW"];

const action = z.string().transform((value, context): Action => {
  const known = ACTIONS.find((one) => one === value);
  if (known !== undefined) return known;
  const message = REFUSED_ACTIONS.includes(value)
    ? `The action ${value} is not supported: Sluice asks for pages and windows of one size. Set a smaller page_size or step, and use FAIL or RETRY here.`
    : `${value} is no action: use one of ${ACTIONS.join(", ")}.`;
  context.issues.push({ code: "custom", message, input: value });
  return z.NEVER;
});

const fields = z.object({
  action: action.nullish(),
  failure_type: z.enum(["system_error", "config_error", "transient_error"]).nullish(),
  http_codes: z.array(z.int()).nullish(),
  predicate: condition.nullish(),
  error_message_contains: z.string().nullish(),
  error_message: text.nullish(),
});

/** Picks out answers by status, by what their body says, or by a condition, and says what to do about them. */
export const httpResponseFilter = defineComponent({
  type: "HttpResponseFilter",
  fields,
  build(parsed, scope): ResponseFilter {
    const statuses = new Set(parsed.http_codes ?? []);
    const holds = parsed.predicate?.({ ...scope, config: {} }) ?? null;
    const said = parsed.error_message_contains ?? "";
    const message = parsed.error_message?.(scope) ?? null;
    const matches = (response: ApiResponse) =>
      statuses.has(response.status) ||
      (holds?.(occasionOf(response)) ?? false) ||
      (said !== "" && (errorMessageIn(response) ?? "").includes(said));
    return {
      match(response) {
        if (!parsed.action || !matches(response)) return null;
        if (parsed.action === "SUCCESS" || parsed.action === "RESET_PAGINATION") return { action: parsed.action };
        const shown = message?.text(occasionOf(response)) ?? "";
        if (parsed.action === "IGNORE") return { action: "IGNORE", message: shown };
        return { action: parsed.action, kind: kindOf(response, parsed), message: shown };
      },
    };
  },
});

function kindOf({ status }: ApiResponse, rule: z.output<typeof fields>): FailureKind {
  if (rule.action === "RATE_LIMITED") return "rate_limit";
  const kind = kindOfStatus(status);
  if (rule.failure_type === "transient_error") return kind === "rate_limit" ? kind : "transient";
  // The connection's owner can help it: with the credentials where the status says so, else with the config.
  const isOwners = rule.failure_type === "config_error" && (kind === "bad_response" || kind === "transient");
  return isOwners ? "bad_request" : kind;
}

function occasionOf(response: ApiResponse): Record<string, unknown> {
  return {
    response: response.json() ?? {},
    headers: viewOfHeaders(response.headers),
    request_url: withoutSecrets(response.url),
  };
}

/** Queries and user names often carry credentials. */
function withoutSecrets(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? "" : `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}
