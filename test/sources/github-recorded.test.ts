import { afterAll, beforeAll, expect, test } from "vitest";

import {
  type FixturesServer,
  RECORDED_TOKEN,
  recordedScenario,
  type RecordedExchange,
  startFixturesServer,
} from "#test/support/github-fixtures-server";
import { fieldOf, readStream } from "#test/support/read-stream";
import { openGithub } from "./github-setup.ts";

/** What GitHub answered once, played back by Octokit's fixtures server over real HTTP. */
let server: FixturesServer;

beforeAll(async () => {
  const [renamed] = (await recordedScenario("rename-repository")).filter(({ status }) => status === 301);
  const target = (await recordedScenario("rename-repository")).filter(
    ({ method, status }) => method === "get" && status === 200,
  );
  server = await startFixturesServer({
    "check-and-get-repository": [
      ...(await recordedScenario("get-repository")),
      ...(await recordedScenario("get-repository")),
    ],
    "renamed-repository": renamed === undefined ? [] : [renamed, ...target],
    issues: walkThroughIssues(await recordedScenario("paginate-issues")),
  });
}, 120_000);
afterAll(() => server.stop());

const open = async (scenario: string, repository: string) =>
  openGithub((url, init) => fetch(url, init), {
    token: RECORDED_TOKEN,
    config: { api_url: await server.load(scenario), repositories: [repository], page_size: 3 },
  });

test("a recorded repository is checked and read", async () => {
  const source = await open("check-and-get-repository", "octokit-fixture-org/hello-world");
  await source.check();
  const { records, end } = await readStream(source, "repositories");
  expect(records).toEqual([
    expect.objectContaining({
      id: 1000,
      full_name: "octokit-fixture-org/hello-world",
      repository: "octokit-fixture-org/hello-world",
    }),
  ]);
  expect(end).toEqual({ cursor: null, complete: true });
});

test("a recorded renamed repository is followed to where GitHub redirects", async () => {
  const source = await open("renamed-repository", "octokit-fixture-org/rename-repository");
  const { records } = await readStream(source, "repositories");
  expect(fieldOf(records[0], "full_name")).toBe("octokit-fixture-org/rename-repository-newname");
});

test("recorded issues, all of one second, are walked through by GitHub's links, and back", async () => {
  const source = await open("issues", "octokit-fixture-org/paginate-issues");
  const { records, end, pages } = await readStream(source, "issues");
  expect(new Set(records.map((record) => fieldOf(record, "number"))).size).toBe(13);
  expect(end).toMatchObject({
    complete: true,
    cursor: { repositories: { "octokit-fixture-org/paginate-issues": { watermark: "2017-10-10T16:00:00Z" } } },
  });
  // The first page, the same from its second on, four more, four back, and a last look at what came after.
  expect(pages).toHaveLength(1 + 1 + 4 + 4 + 1);
});

/**
 * The recorded pages in the order in which they are asked for. The normalized recording gives every issue the same
 * time, so the reader follows GitHub's links forward, and then back. The pages and their links are as recorded; only
 * the queries of the two requests that the reader composes itself are its own.
 */
function walkThroughIssues(recorded: readonly RecordedExchange[]): RecordedExchange[] {
  const [first, ...others] = recorded;
  if (first === undefined) throw new Error("nothing was recorded");
  const back = others.slice(0, -1).toReversed();
  const [firstByLink] = others.map(
    ({ headers }) => /<https:\/\/api.github.com(\S+page=1)>; rel="prev"/.exec(headers["link"] ?? "")?.[1],
  );
  return [
    { ...first, path: query() },
    { ...first, path: query("2017-10-10T15:59:59Z") },
    ...others,
    ...back,
    { ...first, path: firstByLink ?? "" },
    { ...first, path: query("2017-10-10T16:00:00Z"), response: [], headers: withoutLinks(first) },
  ];
}

function withoutLinks({ headers }: RecordedExchange): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "link"));
}

function query(since?: string): string {
  const sinceQuery = since === undefined ? "" : `since=${encodeURIComponent(since)}&`;
  return `/repos/octokit-fixture-org/paginate-issues/issues?state=all&sort=updated&direction=asc&${sinceQuery}per_page=3`;
}
