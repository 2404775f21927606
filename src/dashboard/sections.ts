/** The first part of every path that is the dashboard's; all others are the API's. */
const SECTIONS: ReadonlySet<string> = new Set([
  "sign-in",
  "sign-out",
  "assets",
  "connections",
  "sources",
  "keys",
  "webhooks",
]);

export function isDashboardPath(pathname: string): boolean {
  return pathname === "/" || SECTIONS.has(pathname.split("/")[1] ?? "");
}
