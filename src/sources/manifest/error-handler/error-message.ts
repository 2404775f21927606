import type { ApiResponse } from "#sources/manifest/api-response";

/** Fields that APIs tell their errors in, those that say most first. */
const FIELDS = [
  "message",
  "messages",
  "error",
  "errors",
  "failures",
  "failure",
  "detail",
  "err",
  "error_message",
  "msg",
  "reason",
  "status_message",
];

/** Errors within errors, from here on, are not looked into. */
const DEPTH_LIMIT = 20;

/** What an answer's body says went wrong: a field of its JSON, or all of a text; null where it says nothing. */
export function errorMessageIn(response: ApiResponse): string | null {
  const document = response.json();
  return document === undefined ? response.text() : messageIn(document, DEPTH_LIMIT);
}

function messageIn(value: unknown, depth: number): string | null {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || depth === 0) return null;
  if (Array.isArray(value)) {
    return value
      .map((one) => messageIn(one, depth - 1))
      .filter((message) => message !== null)
      .join(", ");
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const telling = FIELDS.map((field) => fields.get(field)).find(saysSomething);
  return messageIn(telling, depth - 1);
}

/** Python's truth of a JSON value. */
function saysSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
