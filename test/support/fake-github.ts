import { createHash } from "node:crypto";

/** A record of any listing. `updated_at` is epoch seconds here and an ISO time on the wire. */
export interface FakeRecord {
  readonly id: number;
  updated_at: number;
  readonly pull_request?: object;
  readonly [field: string]: unknown;
}

export type Listing = "issues" | "pulls" | "issues/comments" | "pulls/comments";
export type FakeRepository = Record<Listing, FakeRecord[]>;

export interface FakeRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Headers;
}

export const FAKE_TOKEN = "ghp_fake0123456789";

export function emptyRepository(): FakeRepository {
  return { issues: [], pulls: [], "issues/comments": [], "pulls/comments": [] };
}

/**
 * GitHub's REST API as far as it matters here: sorted listings with `since`, numbered pages and their links, ETags,
 * tokens. It answers in memory, and `beforeAnswer` can change it between requests, as other people do.
 */
export function fakeGithub(repositories: Map<string, FakeRepository>) {
  const requests: FakeRequest[] = [];
  const etagsOf = new Map<string, Set<string>>();
  const github = {
    requests,
    /** GitHub documents `since` as exclusive and treats it as inclusive. */
    sinceIsInclusive: true,
    beforeAnswer: (_request: FakeRequest): void => {},
    /** Answers instead of the listing where it returns something. */
    intercept: (_request: FakeRequest): Response | null => null,
    fetch: async (address: string, init: RequestInit): Promise<Response> => {
      const url = new URL(address);
      const request = {
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: new Headers(init.headers),
      };
      requests.push(request);
      github.beforeAnswer(request);
      return github.intercept(request) ?? answer(request, url);
    },
  };
  return github;

  function answer(request: FakeRequest, url: URL): Response {
    if (request.headers.get("authorization") !== `token ${FAKE_TOKEN}`) {
      return Response.json({ message: "Bad credentials" }, { status: 401 });
    }
    const [, name = "", listing = ""] = /^\/repos\/([^/]+\/[^/]+)(?:\/(.+))?$/.exec(request.path) ?? [];
    const repository = repositories.get(name);
    if (repository === undefined) return Response.json({ message: "Not Found" }, { status: 404 });
    if (listing === "") return Response.json({ id: 1, full_name: name, temp_clone_token: "SECRETCLONETOKEN" });
    return list(repository[isListing(listing) ? listing : "issues"], request, url);
  }

  function list(all: readonly FakeRecord[], { query, headers }: FakeRequest, url: URL): Response {
    const since = query["since"] === undefined ? -Infinity : Date.parse(query["since"]) / 1000;
    const order = query["sort"] === "created" ? byId : byUpdate;
    const sorted = all
      .filter(({ updated_at }) => (github.sinceIsInclusive ? updated_at >= since : updated_at > since))
      .toSorted((left, right) => (query["direction"] === "asc" ? order(left, right) : order(right, left)));
    const size = Number(query["per_page"] ?? 30);
    const page = Number(query["page"] ?? 1);
    const body = JSON.stringify(sorted.slice((page - 1) * size, page * size).map(onTheWire));
    const etag = `W/"${createHash("sha256").update(body).digest("hex")}"`;
    const condition = headers.get("if-none-match");
    const given = etagsOf.get(url.href) ?? new Set();
    if (condition !== null && !given.has(condition)) {
      return Response.json({ message: "That ETag was given for another address" }, { status: 400 });
    }
    etagsOf.set(url.href, given.add(etag));
    if (condition === etag) return new Response(null, { status: 304, headers: { etag } });
    return new Response(body, { headers: { etag, link: links(url, page, Math.ceil(sorted.length / size)) } });
  }
}

function links(url: URL, page: number, last: number): string {
  const link = (target: number, rel: string) => {
    const address = new URL(url);
    address.searchParams.set("page", String(target));
    return `<${address.href}>; rel="${rel}"`;
  };
  return [
    ...(page > 1 ? [link(page - 1, "prev"), link(1, "first")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
  ].join(", ");
}

export function isoTime(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace(".000Z", "Z");
}

function onTheWire(record: FakeRecord) {
  return { ...record, updated_at: isoTime(record.updated_at) };
}

function isListing(name: string): name is Listing {
  return name in emptyRepository();
}

const byId = (left: FakeRecord, right: FakeRecord) => left.id - right.id;
const byUpdate = (left: FakeRecord, right: FakeRecord) => left.updated_at - right.updated_at || byId(left, right);
