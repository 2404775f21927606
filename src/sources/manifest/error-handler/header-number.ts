import { SourceFailure } from "#sources/source";
import type { ApiResponse } from "#sources/manifest/api-response";
import type { Definition } from "#sources/manifest/component";
import { PythonError } from "#sources/manifest/python/python-error";
import { Regex } from "#sources/manifest/python/regex";
import type { Scope } from "#sources/manifest/scope";
import type { Text } from "#sources/manifest/text";
import { numberIn } from "./seconds.ts";

/** Longer values are no numbers, and would only keep a pattern busy. */
const MAX_VALUE_LENGTH = 256;

/** Which header has the number, and which beginning of it; null for all of it. */
export interface HeaderTerms {
  readonly header: Text;
  readonly regex: Text | null;
}

export function headerTerms(
  fields: { readonly header: Definition<Text>; readonly regex?: Definition<Text> | null | undefined },
  scope: Scope,
): HeaderTerms {
  return { header: fields.header(scope), regex: fields.regex?.(scope) ?? null };
}

/** The number in a header; null where there is none. A value that the pattern does not begin is read as it is. */
export function numberInHeader(response: ApiResponse | null, { header, regex }: HeaderTerms): number | null {
  const value = response?.headers[header.text().toLowerCase()] ?? "";
  if (value === "" || value.length > MAX_VALUE_LENGTH) return null;
  const number = numberIn(regex === null ? value : (beginningOf(value, regex.text()) ?? value));
  return number === null || !Number.isFinite(number) ? null : number;
}

/** As Python's `re.match(pattern, value).group()`. */
function beginningOf(value: string, pattern: string): string | null {
  try {
    const match = new Regex(pattern).search(Array.from(value));
    return match?.start === 0 ? (match.groups[0] ?? null) : null;
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    throw new SourceFailure({
      kind: "bad_request",
      message: `The backoff strategy's regex ${pattern.slice(0, 200)} can't be used: ${error.message}`,
      final: true,
    });
  }
}
