/**
 * Does a request that changes something come from one of our own pages? Browsers say so themselves: all of them send
 * `Origin` with a POST, and `Sec-Fetch-Site` where the address is secure. What says neither is no browser, and has no
 * business with a cookie.
 */
export function isFromOurPages(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") return false;
  const origin = request.headers.get("origin");
  return origin === null ? site === "same-origin" : origin === new URL(request.url).origin;
}
