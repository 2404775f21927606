import type { App } from "./app-env.ts";

/** The methods that some route answers to at this path; none where the path is unknown. */
export function allowedMethods(app: App, path: string): string[] {
  const found = app.routes.filter((route) => route.method !== "ALL" && matches(route.path, path));
  // `/collections/count` is no collection, though it looks like one.
  const exact = found.filter((route) => !route.path.includes(":"));
  const methods = (exact.length === 0 ? found : exact).map(({ method }) => method);
  // Whatever answers GET answers HEAD.
  return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))];
}

/** Does the path have the pattern's segments, `:name` standing for any one? */
function matches(pattern: string, path: string): boolean {
  const expected = pattern.split("/");
  const segments = path.replace(/(?<=.)\/$/, "").split("/");
  return (
    expected.length === segments.length &&
    expected.every((segment, at) => (segment.startsWith(":") ? segments[at] !== "" : segment === segments[at]))
  );
}
