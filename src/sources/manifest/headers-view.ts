/**
 * An answer's headers as templates see them: names in any case find their header, as with Python's `requests`.
 *
 * @param extras found under exactly their name, before a header of that name
 */
export function viewOfHeaders(
  headers: Readonly<Record<string, string>>,
  extras: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const target: Record<string, unknown> = { ...headers, ...extras };
  const nameIn = (name: string | symbol) =>
    typeof name === "string" && !Object.hasOwn(target, name) ? name.toLowerCase() : name;
  const headerNamed = (name: string | symbol): unknown => {
    if (typeof name === "string" && Object.hasOwn(extras, name)) return extras[name];
    const own = nameIn(name);
    if (typeof own !== "string") return undefined;
    return own === name ? target[own] : headers[own];
  };
  return new Proxy(target, {
    get: (_target, name) => headerNamed(name),
    has: (_target, name) => headerNamed(name) !== undefined,
    getOwnPropertyDescriptor: (_target, name) => {
      const value = headerNamed(name);
      return value === undefined ? undefined : { value, enumerable: true, configurable: true, writable: true };
    },
  });
}
