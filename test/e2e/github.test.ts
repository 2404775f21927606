import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";

import { afterAll, beforeAll, expect, test } from "vitest";

import { emptyRepository, FAKE_TOKEN, fakeGithub, type FakeRecord } from "#test/support/fake-github";
import { connect, countsOf, describeConnection, runToEnd, tryToConnect } from "./connection.ts";
import { expectFeedToGiveTheCopy, exportCopy } from "./copy.ts";
import { startSluice, type Sluice } from "./sluice.ts";

/*
 * The github source, read by the Worker as it would be deployed: what runs in Node may be refused in workerd.
 */

const START = Date.UTC(2024, 4, 1) / 1000;

const repository = emptyRepository();
const upstream = fakeGithub(new Map([["octo/one", repository]]));
let sluice: Sluice;
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers))
      if (typeof value === "string") headers.set(name, value);
    const answered = upstream.fetch(`${address}${request.url ?? "/"}`, { headers });
    void pass(answered, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  address = `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
  sluice = await startSluice();
});

afterAll(async () => {
  await sluice?.close();
  server?.close();
});

async function pass(answered: Promise<Response>, response: ServerResponse): Promise<void> {
  const answer = await answered;
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(await answer.text());
}

function input(token = FAKE_TOKEN) {
  return {
    short_name: "github",
    config: { repositories: ["octo/one"], api_url: address, page_size: 20 },
    credentials: { personal_access_token: token },
  };
}

function issues(from: number, to: number, second: number): FakeRecord[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    id: from + index,
    title: `issue ${from + index}`,
    updated_at: START + second + index,
  }));
}

test("issues are read in full, then only what changed; a revoked token asks for a new one", async () => {
  repository.issues.push(...issues(1, 130, 0));
  repository["issues/comments"].push(...issues(1, 30, 0));
  const { id } = await connect(sluice, input());
  const full = await runToEnd(sluice, id);
  expect(full).toMatchObject({ status: "COMPLETED", sync_mode: "full", error: null });
  expect(countsOf(full)).toMatchObject({ inserted: 161, updated: 0, deleted: 0 });
  await expectFeedToGiveTheCopy(sluice, id);

  const [edited] = repository.issues;
  if (edited !== undefined) Object.assign(edited, { title: "edited", updated_at: START + 5_000 });
  repository.issues.push(...issues(131, 133, 5_001));
  const before = upstream.requests.length;
  const incremental = await runToEnd(sluice, id);
  expect(incremental).toMatchObject({ status: "COMPLETED", sync_mode: "incremental" });
  expect(countsOf(incremental)).toMatchObject({ inserted: 3, updated: 1, deleted: 0 });
  // Six pages of issues would be read again otherwise.
  expect(upstream.requests.length - before).toBeLessThan(12);

  repository.issues.splice(1, 40);
  const again = await runToEnd(sluice, id, "?force_full_sync=true");
  expect(countsOf(again)).toMatchObject({ inserted: 0, updated: 0, deleted: 40 });
  const copy = await exportCopy(sluice, id);
  expect([...copy.keys()].filter((key) => key.includes("issues")).length).toBe(repository.issues.length);
  await expectFeedToGiveTheCopy(sluice, id);

  upstream.intercept = () => Response.json({ message: "Bad credentials" }, { status: 401 });
  const refused = await runToEnd(sluice, id);
  upstream.intercept = () => null;
  expect(refused).toMatchObject({ status: "FAILED", error_category: "api_key_invalid" });
  expect(await describeConnection(sluice, id)).toMatchObject({ status: "needs_reauth" });
});

test("a token that GitHub refuses is a 400 on create, and is not repeated in the answer", async () => {
  const answer = await tryToConnect(sluice, input("ghp_not-the-right-one"));
  expect(answer.status).toBe(400);
  expect(answer.text).toContain("Bad credentials");
  expect(answer.text).not.toContain("ghp_not-the-right-one");
});
