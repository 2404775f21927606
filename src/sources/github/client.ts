import { isJsonObject, type JsonObject } from "#core/json";
import type { SourceHttp, SourceRequest, SourceResponse } from "#sources/http-client";
import { ResponseTooLarge } from "#sources/response-body";
import { SourceFailure } from "#sources/source";
import { neighbour, pageSizeOf, parseLinks, withSmallerPages } from "./page-address.ts";

/** What a listing's address answered. */
export type ListingAnswer =
  | ListingPage
  /** Nothing changed since the ETag that was sent along; this answer costs nothing of the rate limit. */
  | { readonly kind: "unchanged" }
  /** The repository does not have this kind of record (410: its issues are switched off). */
  | { readonly kind: "switched_off" };

export interface ListingPage {
  readonly kind: "page";
  readonly items: readonly unknown[];
  /** Addresses of the pages beside this one; null where there is none. */
  readonly next: string | null;
  readonly previous: string | null;
  readonly etag: string | null;
  /** Records asked for: fewer than wanted if a larger page did not fit into memory. */
  readonly pageSize: number;
}

export interface ListingRequest {
  readonly address: string;
  readonly etag?: string | null;
  /** Is the listing walked from its end to its beginning? */
  readonly backwards?: boolean;
}

export interface GithubClient {
  /** The address of a path in the API, with a query. */
  address(path: string, query: Readonly<Record<string, string>>): string;
  repository(name: string): Promise<JsonObject>;
  list(request: ListingRequest): Promise<ListingAnswer>;
}

export interface GithubClientOptions {
  readonly http: SourceHttp;
  readonly apiUrl: string;
  readonly token: string;
}

export function createGithubClient({ http, apiUrl, token }: GithubClientOptions): GithubClient {
  const base = apiUrl.replace(/\/+$/, "");
  const headers = {
    // This media type and this scheme are understood by GitHub Enterprise Servers of any age too.
    accept: "application/vnd.github.v3+json",
    authorization: `token ${token}`,
    "x-github-api-version": "2022-11-28",
  };
  const address = (path: string, query: Readonly<Record<string, string>>) =>
    `${base}${path}?${new URLSearchParams(query).toString()}`;

  return { address, repository, list };

  async function repository(name: string): Promise<JsonObject> {
    const record = (await http.request({ url: `${base}/repos/${name}`, headers })).json();
    if (!isJsonObject(record)) throw unexpected(`${base}/repos/${name}`, "a repository");
    return record;
  }

  async function list(request: ListingRequest): Promise<ListingAnswer> {
    try {
      return await listOnce(request);
    } catch (error) {
      const smaller = withSmallerPages(request.address, request.backwards ?? false);
      if (!(error instanceof ResponseTooLarge) || smaller === null) throw error;
      return list({ ...request, address: smaller, etag: null });
    }
  }

  async function listOnce({ address: wanted, etag }: ListingRequest): Promise<ListingAnswer> {
    const condition = etag === null || etag === undefined ? {} : { "if-none-match": etag };
    const response = await followed(wanted, {
      url: wanted,
      headers: { ...headers, ...condition },
      expectedStatuses: [304, 410],
    });
    if (response.status === 304) return { kind: "unchanged" };
    if (response.status === 410) return { kind: "switched_off" };
    const items = response.json();
    if (!Array.isArray(items)) throw unexpected(wanted, "a list");
    return {
      kind: "page",
      items,
      ...neighbours(wanted, response, items.length),
      etag: response.headers.get("etag"),
      pageSize: pageSizeOf(wanted),
    };
  }

  /** A renamed repository answers with a redirect. If that lost the query, what came was another listing. */
  async function followed(wanted: string, request: SourceRequest): Promise<SourceResponse> {
    const response = await http.request(request);
    const [asked, answered] = [new URL(wanted), new URL(response.url)];
    const kept = [...asked.searchParams].every(([name, value]) => answered.searchParams.get(name) === value);
    if (kept || answered.origin !== asked.origin) return response;
    answered.search = asked.search;
    return http.request({ ...request, url: answered.href });
  }
}

/**
 * GitHub links each page to the next; for large listings only its links work, as they carry a place and not a number.
 * A server that sends no links at all is believed to have no more pages only after one that was not full.
 */
function neighbours(wanted: string, response: SourceResponse, count: number) {
  const links = parseLinks(response.headers.get("link"));
  if (links.size === 0) {
    return {
      next: count >= pageSizeOf(wanted) ? neighbour(wanted, 1) : null,
      previous: neighbour(wanted, -1),
    };
  }
  return { next: linked(wanted, response, links.get("next")), previous: linked(wanted, response, links.get("prev")) };
}

/** The token goes along with every request, so only addresses of the server that it is meant for are followed. */
function linked(wanted: string, response: SourceResponse, target: string | undefined): string | null {
  if (target === undefined) return null;
  const url = URL.parse(target, response.url);
  if (url !== null && url.origin === new URL(wanted).origin) return url.href;
  throw new SourceFailure({
    kind: "bad_response",
    message: `GET ${withoutQuery(wanted)} links to its next page on another server, which is not followed. Check api_url.`,
    final: true,
  });
}

function unexpected(address: string, expected: string): SourceFailure {
  return new SourceFailure({
    kind: "bad_response",
    message: `GET ${withoutQuery(address)} answered with JSON that is not ${expected}. Check that api_url is the address of GitHub's REST API.`,
  });
}

function withoutQuery(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}
