/**
 * JSON as Python's `json.dumps(…, separators=(",", ":"))` writes it: what is beyond ASCII is escaped. A signed text has
 * to have the same bytes wherever it is made for the signatures to be the same.
 */
export function pythonJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007F-\uFFFF]/g,
    (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}
