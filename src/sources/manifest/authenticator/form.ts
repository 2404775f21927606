/** Fields of a form or a query, in order. */
export type FormFields = readonly (readonly [name: string, value: unknown])[];

/**
 * `application/x-www-form-urlencoded` as Python's `requests` writes it: lists repeat their name, null is left out, true
 * is `True`.
 */
export function encodeForm(fields: FormFields): string {
  return fields
    .flatMap(([name, value]) => valuesOf(value).map((one) => `${quote(name)}=${quote(textOf(one))}`))
    .join("&");
}

function valuesOf(value: unknown): readonly unknown[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => one !== null && one !== undefined);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  return JSON.stringify(value) ?? "";
}

/** Python's `quote_plus`: everything but letters, digits and `_.-~` is escaped, a space is a plus. */
function quote(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
