import { parseExactly } from "#core/exact-json";
import type { SourceResponse } from "#sources/http-client";
import type { ApiResponse } from "#sources/manifest/api-response";

/** An answer as components look at it. */
export function received(response: SourceResponse): ApiResponse {
  let parsed: { readonly document: unknown } | null = null;
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    url: response.url,
    bytes: response.bytes,
    text: () => response.text,
    json() {
      parsed ??= { document: documentIn(response) };
      return parsed.document;
    },
  };
}

function documentIn(response: SourceResponse): unknown {
  try {
    return parseExactly(response.text);
  } catch {
    return undefined;
  }
}
