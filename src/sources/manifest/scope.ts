import type { JsonObject } from "#core/json";
import type { SourceHttp } from "#sources/http-client";
import type { ApiBudget } from "#sources/manifest/requester/api-budget";
import type { Template, TemplateContext } from "#sources/manifest/template/template";
import type { Keepsakes } from "#sources/source";

/** What a component is built with: the connection it serves, the world it may use, and where in the manifest it stands. */
export interface Scope {
  /** The connection's config and credentials in one object, as manifests expect them: `config['api_key']`. */
  readonly config: JsonObject;
  /** The component's `$parameters`, those it inherited included. */
  readonly parameters: JsonObject;
  /** The name of the stream that the component works for; for messages and rate limits. */
  readonly stream: string;
  readonly http: SourceHttp;
  /** Small secrets that outlive a slice: access tokens, rotated refresh tokens. */
  readonly keepsakes: Keepsakes;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Failures in a row of the read that is being continued; what an exponential backoff counts. */
  readonly attempts: number;
  /** How many calls the API takes in what time, by the manifest; null where it does not say. */
  readonly apiBudget: ApiBudget | null;
  /**
   * For an authenticator: the base address of the requester that it serves, as the manifest has it. Absent elsewhere.
   */
  readonly urlBase?: string;
  /** Compiles once per text. */
  readonly compile: (text: string) => Template;
}

/** The names that every template sees, and those of the occasion. */
export function contextOf(scope: Scope, occasion: TemplateContext = {}): TemplateContext {
  return { config: scope.config, parameters: scope.parameters, ...occasion };
}

/**
 * Names that templates may find, depending on where they stand, and that never are functions. What calls one of them
 * stands for its own text, as with the Python CDK; what calls anything else that is unknown could only fail.
 */
export const DATA_NAMES: ReadonlySet<string> = new Set(
  (
    "config parameters record response headers request_url value path stream_slice stream_partition stream_interval " +
    "stream_state next_page_token last_record last_page_size page_size components_values stream_template_config " +
    "creation_response polling_response download_target session_token"
  ).split(" "),
);
