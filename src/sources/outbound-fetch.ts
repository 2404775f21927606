import { refusalOf } from "./outbound-guard.ts";

/**
 * The Worker's only way out, and the linter holds it to that: whoever sends a request has asked the guard, and is asked
 * again here, so that one who forgets is refused too. Redirects come back as they are, to be judged before they are
 * followed.
 */
export function outboundFetch(
  url: string,
  init: RequestInit,
  permission: { readonly allowPrivate: boolean },
): Promise<Response> {
  const refusal = refusalOf(new URL(url), permission);
  if (refusal !== null) return Promise.reject(new Error(`A request was not sent: ${refusal}.`));
  return fetch(url, { ...init, redirect: "manual" });
}
