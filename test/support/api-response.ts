import type { ApiResponse } from "#sources/manifest/api-response";

/** An answer of an API, as components look at it. */
export function apiResponse({
  status = 200,
  headers = {},
  body = "",
  url = "https://api.example.com/a?token=secret",
}: {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly url?: string;
}): ApiResponse {
  return {
    status,
    headers: Object.fromEntries(new Headers(headers)),
    url,
    bytes: new TextEncoder().encode(body),
    text: () => body,
    json() {
      try {
        return JSON.parse(body);
      } catch {
        return undefined;
      }
    },
  };
}
