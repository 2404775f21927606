import { SourceFailure } from "./source.ts";

/** One request as it goes over the wire; a redirect turns it into the next. */
export interface Hop {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
}

/** Enough for a renamed resource behind a host that moved; what redirects more often goes round in circles. */
export const MAX_REDIRECTS = 5;

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What another origin may see of the headers; all others may hold what was meant for the first origin only. */
const HEADERS_FOR_ANYONE: ReadonlySet<string> = new Set(["accept", "user-agent", "content-type"]);

export function isRedirect(status: number): boolean {
  return REDIRECT_STATUSES.has(status);
}

/** The request that a redirect asks for. `label` names the request that was redirected. */
export function follow(hop: Hop, response: Response, label: string): Hop {
  const location = response.headers.get("location");
  const url = location === null ? null : URL.parse(location, hop.url.href);
  if (url === null) {
    throw new SourceFailure({
      kind: "bad_response",
      message: `${label} answered ${response.status}, a redirect, without a valid address to go to.`,
    });
  }
  if (hop.url.protocol === "https:" && url.protocol === "http:") {
    throw new SourceFailure({
      kind: "bad_request",
      message: `${label} was redirected from https to http, which is not followed. Use the address it ends at, with https.`,
      final: true,
    });
  }
  const staysHome = url.origin === hop.url.origin;
  const headers = staysHome ? new Headers(hop.headers) : headersForAnyone(hop.headers);
  if (!becomesGet(response.status, hop.method)) {
    // As a header may, the body may hold a secret, such as those with which a token is asked for.
    if (!staysHome && hop.body !== null) {
      throw new SourceFailure({
        kind: "bad_request",
        message: `${label} was redirected to another origin with its body, which is not followed: it may hold credentials. Use the address it ends at.`,
        final: true,
      });
    }
    return { ...hop, url, headers };
  }
  headers.delete("content-type");
  return { method: "GET", url, headers, body: null };
}

/** 303 means "look there"; browsers made 301 and 302 mean it for POST, and the standard followed. */
function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

function headersForAnyone(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => HEADERS_FOR_ANYONE.has(name)));
}
