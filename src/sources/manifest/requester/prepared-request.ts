import type { SourceRequest } from "#sources/http-client";
import { SourceFailure } from "#sources/source";
import { dumpJson } from "#sources/manifest/python/json-dumps";
import { str } from "#sources/manifest/python/text";
import { admit } from "#sources/manifest/python/value";
import { isEmpty, type RequestOptions } from "#sources/manifest/request-options";
import { encodeQuery, withoutRepeated } from "./query.ts";
import { preparedUrl } from "./url.ts";

/** A request as it goes out. */
export interface PreparedRequest {
  readonly method: string;
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: NonNullable<SourceRequest["body"]>;
}

/** Methods that a body can be sent with. The Fetch standard has none for GET, where Python's `requests` sends one. */
const WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/**
 * The request as Python's `requests` would write it. Throws SourceFailure, final, for one that can't be sent.
 *
 * @param redact for addresses in messages
 */
export function prepare(
  method: string,
  url: string,
  options: RequestOptions,
  redact: (text: string) => string,
): PreparedRequest {
  refuseObjects(options.params);
  const address = preparedUrl(url, encodeQuery(withoutRepeated(options.params, url)));
  if (address === null) {
    throw refusal(
      `The requester's address is none that can be called: ${redact(url.split("?")[0] ?? "").slice(0, 200)}. It takes an http or https address; check url, url_base and path in the manifest, and the config that they read.`,
    );
  }
  const headers = new Map([["accept", "*/*"]]);
  for (const [name, value] of Object.entries(options.headers)) headers.set(name.toLowerCase(), str(admit(value)));
  const { type, body } = bodyIn(options);
  if (body !== null && type !== null && !headers.has("content-type")) headers.set("content-type", type);
  const prepared = { method, url: address, headers: Object.fromEntries(headers) };
  if (body === null || !WITH_BODY.has(method)) return prepared;
  // A text without a type would be sent as text/plain; bytes are sent without one.
  return { ...prepared, body: headers.has("content-type") ? body : Uint8Array.from(new TextEncoder().encode(body)) };
}

function bodyIn({ bodyData, bodyJson }: RequestOptions): {
  readonly type: string | null;
  readonly body: string | null;
} {
  const hasJson = Object.keys(bodyJson).length > 0;
  const hasData = !isEmpty(bodyData);
  if (hasJson && hasData) {
    throw refusal(
      "The manifest gives a request both a JSON body and a form. Use body_json or body_data in all of its components, not both.",
    );
  }
  if (hasJson) return { type: "application/json", body: dumpJson(admit(bodyJson)) };
  if (!hasData) return { type: null, body: null };
  if (typeof bodyData === "string") return { type: null, body: bodyData };
  return { type: "application/x-www-form-urlencoded", body: encodeQuery(bodyData) };
}

function refuseObjects(params: RequestOptions["params"]): void {
  for (const [name, value] of Object.entries(params)) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || JSON.isRawJSON(value)) continue;
    throw refusal(
      `The query parameter ${name} came out as an object, which an address can't hold. Give a text or a list.`,
    );
  }
}

function refusal(message: string): SourceFailure {
  return new SourceFailure({ kind: "bad_request", message, final: true });
}
