import { z } from "zod";

import { SourceFailure } from "#sources/source";
import type { ApiResponse } from "#sources/manifest/api-response";
import { authenticator, type Authenticator } from "#sources/manifest/authenticator/authenticator";
import { constant } from "#sources/manifest/authenticator/constant";
import { defineComponent } from "#sources/manifest/component";
import { defaultErrorHandler } from "#sources/manifest/error-handler/default-error-handler";
import { errorHandler, type ErrorHandler, type Resolution } from "#sources/manifest/error-handler/error-handler";
import { combineOptions, NO_OPTIONS, type RequestOptions } from "#sources/manifest/request-options";
import type { Scope } from "#sources/manifest/scope";
import { text } from "#sources/manifest/text";
import { prepare, type PreparedRequest } from "./prepared-request.ts";
import { fetchedProperties, queryProperties } from "./query-properties.ts";
import { received } from "./received.ts";
import { failureOf, labelOf, unanswered } from "./refusal.ts";
import { requestAddress } from "./request-address.ts";
import { bodyConflict, bodyFields, bodyOf } from "./request-body.ts";
import { requestContext } from "./request-context.ts";
import { requestParameters } from "./request-parameters.ts";
import { requestHeaders } from "./request-headers.ts";
import type { Answer, Asked, Requester } from "./requester.ts";

const fields = z
  .object({
    url: text.nullish(),
    url_base: text.nullish(),
    path: text.nullish(),
    http_method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).nullish(),
    authenticator: authenticator.schema.nullish(),
    error_handler: errorHandler.schema.nullish(),
    request_parameters: requestParameters.nullish(),
    request_headers: requestHeaders.nullish(),
    ...bodyFields,
    query_properties: queryProperties.nullish(),
    fetch_properties_from_endpoint: fetchedProperties.nullish(),
  })
  .superRefine((parsed, context) => {
    const conflict = bodyConflict(parsed);
    if (conflict !== null) context.addIssue({ code: "custom", path: ["request_body"], message: conflict });
    if (!parsed.url && !parsed.url_base) {
      context.addIssue({ code: "custom", path: ["url"], message: "Required: url, or the older url_base and path." });
    }
  });

const STATUS_DECIDES = defaultErrorHandler.schema.parse({ type: "DefaultErrorHandler" });
const NO_ONE = constant(() => NO_OPTIONS);

/** Sends HTTP requests, each put together from what the manifest says here and what other components add. */
export const httpRequester = defineComponent({
  type: "HttpRequester",
  fields,
  build(parsed, scope): Requester {
    const urlBase = (parsed.url ?? parsed.url_base)?.(scope).source ?? "";
    const address = requestAddress(parsed, scope);
    const parameters = parsed.request_parameters?.(scope) ?? null;
    const headers = parsed.request_headers?.(scope) ?? null;
    const body = bodyOf(parsed, scope);
    const properties =
      parameters?.queryProperties ??
      parsed.fetch_properties_from_endpoint?.(scope) ??
      parsed.query_properties?.(scope) ??
      null;
    const own = (asked: Asked): RequestOptions => {
      const context = requestContext(asked);
      return {
        headers: headers?.(context) ?? {},
        params: parameters?.values(context, asked.slice) ?? {},
        ...body(context),
      };
    };
    const exchange = new Exchange({
      scope,
      method: parsed.http_method ?? "GET",
      authenticator: parsed.authenticator?.({ ...scope, urlBase }) ?? NO_ONE,
      handler: (parsed.error_handler ?? STATUS_DECIDES)(scope),
    });
    return {
      queryProperties: properties,
      send: (asked) => exchange.send(address(requestContext(asked), asked.path ?? ""), [own(asked), ...asked.options]),
    };
  },
});

interface ExchangeParts {
  readonly scope: Scope;
  readonly method: string;
  readonly authenticator: Authenticator;
  readonly handler: ErrorHandler;
}

/** One request and what becomes of it. */
class Exchange {
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  async send(url: string, contributions: readonly RequestOptions[]): Promise<Answer> {
    const first = await this.#attempt(url, contributions);
    if (!this.#isStale(first) || !(await this.#parts.authenticator.renew())) return this.#answer(first, false);
    return this.#answer(await this.#attempt(url, contributions), true);
  }

  async #attempt(url: string, contributions: readonly RequestOptions[]): Promise<Attempt> {
    const { scope, method, authenticator: proof, handler } = this.#parts;
    const [own = NO_OPTIONS, ...others] = contributions;
    const options = combineOptions([own, await proof.options(), ...others]);
    const request = prepare(method, url, options, (shown) => scope.http.redact(shown));
    scope.apiBudget?.acquire(request);
    const response = received(await this.#ask(request));
    proof.observe?.(response);
    scope.apiBudget?.update(request, response);
    return { response, resolution: handler.interpret(response) };
  }

  async #ask(request: PreparedRequest) {
    const { scope, handler } = this.#parts;
    try {
      return await scope.http.request({ ...request, anyStatus: true });
    } catch (error) {
      throw unanswered(error, handler, scope);
    }
  }

  /** Does the answer say that the token is no longer good? */
  #isStale({ response, resolution }: Attempt): boolean {
    return (
      resolution.action === "REFRESH_TOKEN_THEN_RETRY" || (resolution.action === "FAIL" && response.status === 401)
    );
  }

  #answer({ response, resolution }: Attempt, wasRenewed: boolean): Answer {
    const { scope, method, handler } = this.#parts;
    switch (resolution.action) {
      case "SUCCESS":
        return { type: "response", response };
      case "IGNORE":
        return { type: "ignored", response, message: ignoredMessage(method, response, resolution.message, scope) };
      case "RESET_PAGINATION":
        return { type: "reset_pagination" };
      case "REFRESH_TOKEN_THEN_RETRY":
        if (wasRenewed) {
          throw new SourceFailure({
            kind: "authentication",
            message: `${labelOf(method, response.url, scope)} answered ${response.status} again after its access token was renewed. Sign in to the API again to get new credentials, and replace the connection's with them.`,
            final: true,
          });
        }
        throw failureOf({ method, response, resolution, handler, scope });
      case "FAIL":
      case "RETRY":
      case "RATE_LIMITED":
        throw failureOf({ method, response, resolution, handler, scope });
    }
  }
}

interface Attempt {
  readonly response: ApiResponse;
  readonly resolution: Resolution;
}

function ignoredMessage(method: string, response: ApiResponse, explanation: string, scope: Scope): string {
  const plain = `${labelOf(method, response.url, scope)} answered ${response.status}, which the manifest ignores.`;
  return explanation === "" ? plain : `${scope.http.redact(explanation)} (${plain})`;
}
