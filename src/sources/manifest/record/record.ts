/** A record on its way from the API to the copy. Its fields may be anything that JSON can carry. */
export type MutableRecord = Record<string, unknown>;

/** An object with fields: no list, and no number that is kept as text because a double can't hold it. */
export function isRecord(value: unknown): value is MutableRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** Sets a field whatever its name; an assignment to `__proto__` would change what the object is. */
export function setField(record: MutableRecord, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    record[name] = value;
  }
}

/** Gives a record other fields, keeping the object. */
export function replaceFields(record: MutableRecord, fields: Iterable<readonly [string, unknown]>): void {
  const all = [...fields];
  for (const name of Object.keys(record)) delete record[name];
  for (const [name, value] of all) setField(record, name, value);
}

/** A copy that shares nothing that can be changed. */
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  return isRecord(value) ? copyOfRecord(value) : value;
}

export function copyOfRecord(record: MutableRecord): MutableRecord {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, copyOf(value)]));
}
