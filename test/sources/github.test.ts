import { describe, expect, test } from "vitest";

import { github } from "#sources/github/source";
import { emptyRepository, isoTime } from "#test/support/fake-github";
import { cursorOf, fieldOf, readStream } from "#test/support/read-stream";
import { githubWith, NOW_MS, openGithub, records, START } from "./github-setup.ts";

const ids = (read: readonly unknown[]) =>
  [...new Set(read.map((record) => fieldOf(record, "id")))].toSorted((left, right) => Number(left) - Number(right));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

const valid = (config: object) => github.config.safeParse(config).success;

describe("configuration", () => {
  test("takes a list of repositories, or the single repo_name that Airweave takes", () => {
    expect(valid({ repositories: ["octo/one", "octo/two.js"] })).toBe(true);
    expect(valid({ repo_name: "octo/one" })).toBe(true);
    expect(valid({})).toBe(false);
  });

  test.each(["octo", "octo/one/two", "octo/..", "../one", "octo/one?x=1", "octo/o ne", "https://github.com/octo/one"])(
    "refuses %o as a repository, which would lead to another path of the API",
    (name) => {
      expect(valid({ repositories: [name] })).toBe(false);
    },
  );

  test("refuses a repository named twice, in whatever case, since it would be read twice", () => {
    expect(valid({ repositories: ["octo/one", "Octo/One"] })).toBe(false);
  });

  test.each(["ftp://host", "api.github.com", "https://host/?token=1"])("refuses %o as api_url", (api_url) => {
    expect(valid({ repositories: ["octo/one"], api_url })).toBe(false);
  });

  test("refuses a token that no header can carry, without repeating it", () => {
    const result = github.credentials.safeParse({ personal_access_token: "ghp_two\nlines" });
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error?.issues)).not.toContain("ghp_two");
  });

  test("keeps the path of an Enterprise Server's api_url", async () => {
    const { upstream } = githubWith({});
    const source = openGithub(upstream.fetch, { config: { api_url: "https://ghe.example/api/v3/" } });
    await expect(source.check()).rejects.toThrow("octo/one");
    expect(upstream.requests[0]?.path).toBe("/api/v3/repos/octo/one");
  });
});

describe("check", () => {
  test("passes where the token may read the repositories", async () => {
    await expect(openGithub(githubWith({}).upstream.fetch).check()).resolves.toBeUndefined();
  });

  test("says that the token is not accepted, and does not repeat it", async () => {
    const source = openGithub(githubWith({}).upstream.fetch, { token: "ghp_wrong0123456789" });
    await expect(source.check()).rejects.toMatchObject({
      failure: { kind: "authentication", message: expect.not.stringContaining("ghp_wrong0123456789") },
    });
  });

  test("names the repository that is not there", async () => {
    const source = openGithub(githubWith({}).upstream.fetch, { config: { repositories: ["octo/one", "octo/gone"] } });
    await expect(source.check()).rejects.toMatchObject({
      failure: { kind: "not_found", message: expect.stringContaining("octo/gone") },
    });
  });

  test("asks for five repositories at most, to stay cheap", async () => {
    const { repositories, upstream } = githubWith({});
    const names = upTo(20).map((number) => `octo/r${number}`);
    for (const name of names) repositories.set(name, emptyRepository());
    await openGithub(upstream.fetch, { config: { repositories: names } }).check();
    expect(upstream.requests).toHaveLength(5);
  });
});

describe("records", () => {
  test("carry their repository, and no clone token, which is a secret and new in every answer", async () => {
    const repo = { id: 9, temp_clone_token: "SECRETCLONETOKEN", stargazers_count: 3 };
    const pull = { id: 1, updated_at: START, head: { ref: "x", repo }, base: { ref: "main", repo } };
    const { upstream } = githubWith({ pulls: [pull] });
    const source = openGithub(upstream.fetch);
    const repositories = await readStream(source, "repositories");
    expect(repositories.records).toEqual([{ id: 1, full_name: "octo/one", repository: "octo/one" }]);
    expect(repositories.end).toEqual({ cursor: null, complete: true });
    const pulls = await readStream(source, "pull_requests");
    const kept = { id: 9, stargazers_count: 3 };
    expect(pulls.records).toEqual([
      {
        id: 1,
        updated_at: isoTime(START),
        head: { ref: "x", repo: kept },
        base: { ref: "main", repo: kept },
        repository: "octo/one",
      },
    ]);
  });

  test("of the issues stream are no pull requests, which GitHub lists among the issues", async () => {
    const [issue, pull] = records(1, 2);
    if (issue === undefined || pull === undefined) throw new Error("unreachable");
    const { upstream } = githubWith({ issues: [issue, { ...pull, pull_request: {} }] });
    expect(ids((await readStream(openGithub(upstream.fetch), "issues")).records)).toEqual([1]);
  });
});

describe.each([
  { stream: "issues", listing: "issues" },
  { stream: "comments", listing: "issues/comments" },
  { stream: "review_comments", listing: "pulls/comments" },
  { stream: "pull_requests", listing: "pulls" },
] as const)("$stream", ({ stream, listing }) => {
  test("are read in full over several pages, and that read is complete", async () => {
    const { upstream } = githubWith({ [listing]: records(...upTo(10)) });
    const { records: read, end } = await readStream(openGithub(upstream.fetch), stream);
    expect(ids(read)).toEqual(upTo(10));
    expect(end?.complete).toBe(true);
  });

  test("are read from any checkpoint to the same end, as a slice may end after any page", async () => {
    const { upstream } = githubWith({ [listing]: records(...upTo(10), 10, 10, 10, 10) });
    const source = openGithub(upstream.fetch);
    const whole = await readStream(source, stream);
    for (const [index, page] of whole.pages.entries()) {
      if (page.end !== null) continue;
      const checkpoint = JSON.parse(JSON.stringify(page.checkpoint));
      const rest = await readStream(source, stream, { checkpoint });
      expect(rest.pages).toEqual(whole.pages.slice(index + 1));
    }
  });

  test("that changed are all that the next read brings, besides what overlaps", async () => {
    const { upstream, repository } = githubWith({ [listing]: records(...upTo(10).map((minute) => minute * 100)) });
    const source = openGithub(upstream.fetch);
    const first = await readStream(source, stream);
    const [changed] = repository[listing];
    if (changed === undefined) throw new Error("unreachable");
    changed.updated_at = START + 2_000;
    const second = await readStream(source, stream, { cursor: cursorOf(first) });
    expect(ids(second.records)).toEqual(expect.arrayContaining([1, 10]));
    expect(ids(second.records).length).toBeLessThan(6);
    expect(second.end).toMatchObject({
      complete: false,
      cursor: { repositories: { "octo/one": { watermark: isoTime(START + 2_000) } } },
    });
  });

  test("that carry the time of the cursor are read again, since not all of that second need have been seen", async () => {
    const { upstream, repository } = githubWith({ [listing]: records(1, 2, 3) });
    const source = openGithub(upstream.fetch);
    const first = await readStream(source, stream);
    repository[listing].push({ id: 99, updated_at: START + 3 });
    const second = await readStream(source, stream, { cursor: cursorOf(first) });
    expect(ids(second.records)).toContain(99);
  });

  test("that did not change cost one request, which GitHub does not count against the rate limit", async () => {
    const { upstream } = githubWith({ [listing]: records(100, 200) });
    const source = openGithub(upstream.fetch);
    const first = await readStream(source, stream);
    const second = await readStream(source, stream, { cursor: cursorOf(first) });
    upstream.requests.length = 0;
    const third = await readStream(source, stream, { cursor: cursorOf(second) });
    expect(third.records).toEqual([]);
    expect(third.end?.cursor).toEqual(second.end?.cursor);
    expect(upstream.requests.map(({ headers }) => headers.get("if-none-match"))).toEqual([expect.any(String)]);
  });

  test("of a repository without any end with a cursor from which the first ones are found", async () => {
    const { upstream, repository } = githubWith({});
    const source = openGithub(upstream.fetch);
    const first = await readStream(source, stream);
    expect(first).toMatchObject({ records: [], end: { complete: true } });
    repository[listing].push(...records(5));
    const second = await readStream(source, stream, { cursor: cursorOf(first) });
    expect(ids(second.records)).toEqual([1]);
  });

  test("of a repository that is new in the configuration are read in full, the others from their cursors", async () => {
    const { upstream, repositories } = githubWith({ [listing]: records(...upTo(9).map((hour) => hour * 3_600)) });
    const first = await readStream(openGithub(upstream.fetch), stream);
    const fresh = records(...upTo(7)).map((record) => ({ ...record, id: record.id + 100 }));
    repositories.set("octo/two", { ...emptyRepository(), [listing]: fresh });
    const both = openGithub(upstream.fetch, { config: { repositories: ["octo/one", "octo/two"] } });
    const second = await readStream(both, stream, { cursor: cursorOf(first) });
    expect(ids(second.records)).toEqual(expect.arrayContaining([9, ...fresh.map(({ id }) => id)]));
    expect(ids(second.records)).not.toContain(1);
    expect(second.end?.complete).toBe(false);
    const onlyTwo = openGithub(upstream.fetch, { config: { repositories: ["octo/two"] } });
    const third = await readStream(onlyTwo, stream, { cursor: cursorOf(second) });
    expect(Object.keys(Object(fieldOf(third.end?.cursor, "repositories")))).toEqual(["octo/two"]);
  });

  test("are asked for in smaller pages when a page does not fit into memory", async () => {
    const body = "x".repeat(1_000);
    const large = records(...upTo(9)).map((record) => ({ ...record, body }));
    const { upstream } = githubWith({ [listing]: large });
    const source = openGithub(upstream.fetch, { config: { page_size: 8 }, maxResponseBytes: 4_800 });
    const { records: read, end } = await readStream(source, stream);
    expect(ids(read)).toEqual(upTo(9));
    expect(end?.complete).toBe(true);
  });

  test("are asked for in smaller pages from the middle of a listing, at the same place", async () => {
    const body = "x".repeat(1_000);
    const crowd = records(...upTo(12).map(() => 5)).map((record) =>
      record.id > 4 && record.id < 9 ? { ...record, body } : record,
    );
    const { upstream } = githubWith({ [listing]: crowd });
    const source = openGithub(upstream.fetch, { config: { page_size: 4 }, maxResponseBytes: 3_600 });
    expect(ids((await readStream(source, stream)).records)).toEqual(upTo(12));
  });

  test("are asked for in smaller pages without the ETag that the larger one had: it stands for another answer", async () => {
    const { upstream, repository } = githubWith({ [listing]: records(1, 2, 3) });
    const source = openGithub(upstream.fetch, { config: { page_size: 8 }, maxResponseBytes: 4_800 });
    const first = await readStream(source, stream);
    const second = await readStream(source, stream, { cursor: cursorOf(first) });
    const large = { updated_at: START + 4, body: "x".repeat(1_000) };
    repository[listing].push(...upTo(6).map((id) => ({ ...large, id: id + 10 })));
    const third = await readStream(source, stream, { cursor: cursorOf(second) });
    expect(ids(third.records)).toEqual(expect.arrayContaining(upTo(6).map((id) => id + 10)));
  });

  test("leave a cursor at the newest change, in however many pages that was read", async () => {
    const { upstream, repository } = githubWith({ [listing]: records(...upTo(4)) });
    const source = openGithub(upstream.fetch);
    const first = await readStream(source, stream);
    repository[listing].push(...upTo(8).map((id) => ({ id: id + 10, updated_at: START + 1_000 * id })));
    const second = await readStream(source, stream, { cursor: cursorOf(first) });
    expect(second.end?.cursor).toMatchObject({ repositories: { "octo/one": { watermark: isoTime(START + 8_000) } } });
  });

  test("that follow a page which was just full are seen, though the ETag of that page is still the same", async () => {
    const { upstream, repository } = githubWith({ [listing]: records(1, 2, 3) });
    const source = openGithub(upstream.fetch);
    const first = await readStream(source, stream);
    const second = await readStream(source, stream, { cursor: cursorOf(first) });
    repository[listing].push({ id: 99, updated_at: START + 4 });
    const third = await readStream(source, stream, { cursor: cursorOf(second) });
    expect(ids(third.records)).toContain(99);
  });

  test("fail for good, saying so, when the pages lead in circles", async () => {
    const { upstream } = githubWith({});
    const url = `https://api.github.com/repos/octo/one/${listing}`;
    let page = 1;
    upstream.intercept = ({ query }) => {
      page = (page % 3) + 1;
      const link = `<${url}?page=${page}&per_page=${query["per_page"]}&direction=${query["direction"]}>; rel="next"`;
      return Response.json([{ id: 1, updated_at: isoTime(NOW_MS / 1000) }], { headers: { link } });
    };
    const source = openGithub(upstream.fetch);
    const cursor = { repositories: { "octo/one": { watermark: isoTime(NOW_MS / 1000), etag: null } } };
    await expect(readStream(source, stream, { cursor })).rejects.toMatchObject({
      failure: { kind: "bad_response", final: true, message: expect.stringContaining("circles") },
    });
  });

  test("are not looked for on another server, which would get to see the token", async () => {
    const { upstream } = githubWith({ [listing]: records(1) });
    upstream.intercept = () =>
      Response.json([{ id: 1, updated_at: isoTime(START) }], {
        headers: { link: '<https://evil.example/x?page=2>; rel="next"' },
      });
    const failure = { kind: "bad_response", final: true };
    await expect(readStream(openGithub(upstream.fetch), stream)).rejects.toMatchObject({ failure });
    expect(upstream.requests).toHaveLength(1);
  });

  test("are read to the last page from a server that sends no links", async () => {
    const { upstream } = githubWith({ [listing]: records(...upTo(7), 7, 7, 7, 7) });
    const fetch = async (url: string, init: RequestInit) => {
      const response = await upstream.fetch(url, init);
      return new Response(response.body, { status: response.status });
    };
    expect(ids((await readStream(openGithub(fetch), stream)).records)).toEqual(upTo(11));
  });

  test("that come in another order than asked for are not believed, as that would skip some", async () => {
    const { upstream } = githubWith({});
    const backwards = records(...upTo(10)).map((record) => ({ id: record.id, updated_at: isoTime(record.updated_at) }));
    upstream.intercept = ({ query }) =>
      Response.json(query["sort"] === "created" || query["direction"] === "desc" ? backwards : backwards.toReversed());
    const cursor = { repositories: { "octo/one": { watermark: isoTime(START), etag: null } } };
    await expect(readStream(openGithub(upstream.fetch), stream, { cursor })).rejects.toMatchObject({
      failure: { kind: "bad_response", message: expect.stringContaining("order") },
    });
  });

  test.each([
    { status: 401, headers: {}, kind: "authentication", retryAt: null },
    { status: 403, headers: {}, kind: "permission", retryAt: null },
    { status: 403, headers: { "retry-after": "60" }, kind: "rate_limit", retryAt: NOW_MS + 60_000 },
    {
      status: 403,
      headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW_MS / 1000 + 90) },
      kind: "rate_limit",
      retryAt: NOW_MS + 90_000,
    },
    { status: 429, headers: { "retry-after": "7" }, kind: "rate_limit", retryAt: NOW_MS + 7_000 },
    { status: 404, headers: {}, kind: "not_found", retryAt: null },
    { status: 502, headers: {}, kind: "transient", retryAt: null },
  ])("answered with $status $headers fail as $kind", async ({ status, headers, kind, retryAt }) => {
    const { upstream } = githubWith({});
    upstream.intercept = () => Response.json({ message: "No" }, { status, headers });
    await expect(readStream(openGithub(upstream.fetch), stream)).rejects.toMatchObject({
      failure: { kind, retryAt, message: expect.not.stringContaining("ghp_") },
    });
  });

  test.each(["<html>", "{}", "[", '[{"id":1}]'])("answered with %s fail rather than end", async (body) => {
    const { upstream } = githubWith({});
    upstream.intercept = () => new Response(body, { headers: { link: "" } });
    const cursor = { repositories: { "octo/one": { watermark: isoTime(START), etag: null } } };
    const reading = readStream(openGithub(upstream.fetch), stream, { cursor });
    await expect(reading).rejects.toMatchObject({ failure: { kind: "bad_response" } });
  });
});

describe("repositories that can't be read", () => {
  test("fail the stream by name, after all others were read, so that one does not hold up the rest", async () => {
    const { upstream, repositories } = githubWith({ issues: records(1) });
    repositories.set("octo/two", { ...emptyRepository(), issues: records(1, 2).slice(1) });
    const source = openGithub(upstream.fetch, { config: { repositories: ["octo/gone", "octo/one", "octo/two"] } });
    const seen: unknown[] = [];
    const reading = async () => {
      for await (const page of source.read({ stream: "issues", cursor: null, checkpoint: null })) {
        expect(page.end).toBeNull();
        seen.push(...page.records);
      }
    };
    await expect(reading()).rejects.toMatchObject({
      failure: { kind: "not_found", message: expect.stringContaining("octo/gone") },
    });
    expect(ids(seen)).toEqual([1, 2]);
  });

  test("but are only renamed are followed, also where the redirect forgets what was asked", async () => {
    const { upstream, repositories } = githubWith({ issues: records(...upTo(8)) });
    for (const search of ["keep", "drop"]) {
      upstream.intercept = ({ path, query }) => {
        if (!path.startsWith("/repos/octo/old")) return null;
        const to = path.replace("octo/old", "octo/one");
        const location = search === "keep" ? `${to}?${new URLSearchParams(query).toString()}` : to;
        return new Response(null, { status: 301, headers: { location } });
      };
      const source = openGithub(upstream.fetch, { config: { repositories: ["octo/old"] } });
      const { records: read, end } = await readStream(source, "issues");
      expect(ids(read)).toEqual(upTo(8));
      expect(end?.complete).toBe(true);
      expect(fieldOf(read[0], "repository")).toBe("octo/old");
    }
    expect(repositories.size).toBe(1);
  });

  test("for their issues are switched off have none, and a full read says so", async () => {
    const { upstream } = githubWith({});
    upstream.intercept = () => Response.json({ message: "Issues are disabled for this repo" }, { status: 410 });
    const source = openGithub(upstream.fetch);
    const first = await readStream(source, "issues");
    expect(first).toMatchObject({ records: [], end: { complete: true } });
    const cursor = { repositories: { "octo/one": { watermark: isoTime(START), etag: null } } };
    const second = await readStream(source, "issues", { cursor });
    expect(second).toMatchObject({ records: [], end: { complete: false, cursor } });
  });
});
