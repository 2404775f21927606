import type { JsonObject } from "#core/json";
import { github } from "#sources/github/source";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import type { OpenSource } from "#sources/source";
import {
  emptyRepository,
  FAKE_TOKEN,
  type FakeRecord,
  fakeGithub,
  type FakeRepository,
} from "#test/support/fake-github";
import { testHttp } from "#test/support/test-http";

/** A second in 2024 that the times of all records are counted from. */
export const START = Date.UTC(2024, 4, 1) / 1000;
export const NOW_MS = Date.UTC(2025, 0, 1);

const now = () => NOW_MS;

export interface OpenGithubOptions {
  readonly config?: JsonObject;
  readonly token?: string;
  readonly maxResponseBytes?: number;
}

export function openGithub(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  { config, token = FAKE_TOKEN, maxResponseBytes = 1_000_000 }: OpenGithubOptions = {},
): OpenSource {
  const http = testHttp({ fetch, now, secrets: [token], maxResponseBytes });
  const credentials = { personal_access_token: token };
  return github.open({
    config: { repositories: ["octo/one"], page_size: 3, ...config },
    credentials,
    http,
    keepsakes: new MemoryKeepsakes(),
    now,
  });
}

/** Records with ids from 1 on, each changed as many seconds after START as said. */
export function records(...seconds: readonly number[]): FakeRecord[] {
  return seconds.map((second, index) => ({ id: index + 1, title: `number ${index + 1}`, updated_at: START + second }));
}

/** A GitHub with one repository, `octo/one`. */
export function githubWith(contents: Partial<FakeRepository>) {
  const repository = { ...emptyRepository(), ...contents };
  const repositories = new Map([["octo/one", repository]]);
  return { repository, repositories, upstream: fakeGithub(repositories) };
}
