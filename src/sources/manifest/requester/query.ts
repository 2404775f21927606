import { str } from "#sources/manifest/python/text";
import { admit } from "#sources/manifest/python/value";
import { queryOf } from "./url.ts";

/** Fields of a query or a form. A list repeats its name; null leaves it out. */
export type QueryFields = Readonly<Record<string, unknown>>;

/**
 * `application/x-www-form-urlencoded` as Python's `requests` writes it: everything but letters, digits and `_.-~` is
 * escaped, a space is a plus, and values are shown as by `str`: true is `True`.
 */
export function encodeQuery(fields: QueryFields): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => valuesOf(value).map((one) => `${quoted(name)}=${quoted(str(admit(one)))}`))
    .join("&");
}

/** The fields without those that the address has already, with the same value. */
export function withoutRepeated(fields: QueryFields, url: string): QueryFields {
  const inUrl = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(queryOf(url))) {
    if (value !== "" && !inUrl.has(name)) inUrl.set(name, value);
  }
  if (inUrl.size === 0) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => inUrl.get(name) !== str(admit(value))));
}

function valuesOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return isNone(value) ? [] : [value];
  // Lists in a list are taken apart too, and an object is its names: this is how Python goes over them.
  return value
    .filter((one) => !isNone(one))
    .flatMap((one: unknown): readonly unknown[] => {
      if (Array.isArray(one)) return one;
      return isPlainObject(one) ? Object.keys(one) : [one];
    });
}

function isNone(value: unknown): boolean {
  return value === null || value === undefined;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !JSON.isRawJSON(value);
}

function quoted(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
