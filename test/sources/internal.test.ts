import { describe, expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { exceptionStub } from "#sources/internal/exception-stub";
import { incrementalStub } from "#sources/internal/incremental-stub";
import { stub } from "#sources/internal/stub";
import { timed } from "#sources/internal/timed";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { type Page, type Source, SourceFailure } from "#sources/source";
import { cursorOf, fieldOf, readStream } from "#test/support/read-stream";
import { testHttp } from "#test/support/test-http";

const NOON = Date.UTC(2025, 0, 1, 12);

function open(source: Source, config: JsonObject = {}, now = () => NOON) {
  const credentials = source.shortName === "timed" ? { timed_key: "any" } : { stub_key: "any" };
  const http = testHttp({ fetch: () => Promise.reject(new Error("internal sources make no requests")) });
  return source.open({ config, credentials, http, keepsakes: new MemoryKeepsakes(), now });
}

const ids = (records: readonly unknown[]) => records.map((record) => fieldOf(record, "id"));

/** Which kinds there are, besides the container's. */
const kinds = async (config: JsonObject) => {
  const { records } = await readStream(open(stub, { entity_count: 200, ...config }), "entities");
  return new Set(records.slice(1).map((record) => fieldOf(record, "kind")));
};

describe("stub", () => {
  test("emits as many entities as configured, the container among them, so that 10 means 10 inserted", async () => {
    const { records, end } = await readStream(open(stub), "entities");
    expect(records).toHaveLength(10);
    expect(new Set(ids(records)).size).toBe(10);
    expect(records.filter((record) => fieldOf(record, "kind") === "container")).toHaveLength(1);
    expect(end).toEqual({ cursor: null, complete: true });
  });

  test("makes the same entities for the same seed and others for another, so that a re-sync changes nothing", async () => {
    const [first, again, other] = await Promise.all(
      [{ seed: 7 }, { seed: 7 }, { seed: 8 }].map((config) => readStream(open(stub, config), "entities")),
    );
    expect(again?.records).toEqual(first?.records);
    expect(other?.records).not.toEqual(first?.records);
  });

  test("makes the entities of a later page without the earlier ones, so that a read can go on anywhere", async () => {
    const source = open(stub, { entity_count: 250 });
    const whole = await readStream(source, "entities");
    expect(whole.pages.map(({ records }) => records.length)).toEqual([100, 100, 50]);
    const rest = await readStream(source, "entities", { checkpoint: whole.pages[0]?.checkpoint ?? null });
    expect(rest.records).toEqual(whole.records.slice(100));
  });

  test("follows the weights, so that a test can choose what kinds of entities there are", async () => {
    const none = { small_entity_weight: 0, medium_entity_weight: 0, large_entity_weight: 0, small_file_weight: 0 };
    expect(await kinds({ ...none, large_file_weight: 0, code_file_weight: 1 })).toEqual(new Set(["code_file"]));
    expect((await kinds({ ...none, large_file_weight: 0, code_file_weight: 0 })).size).toBe(6);
    expect((await kinds({})).size).toBe(6);
  });

  test("puts the prefix before and special tokens into the content, where asked to", async () => {
    const config = { custom_content_prefix: "MARK", inject_special_tokens: true };
    const { records } = await readStream(open(stub, config), "entities");
    for (const record of records.slice(1)) expect(fieldOf(record, "content")).toMatch(/^MARK\n\n[^]*<\|\w+\|>/);
  });

  test("fails after as many entities as fail_after says, and keeps those before", async () => {
    const pages = await pagesBefore(open(stub, { fail_after: 3 }));
    expect(pages.records).toHaveLength(1 + 3);
    expect(pages.failure).toMatchObject({ kind: "internal", final: true });
    expect((await pagesBefore(open(stub, { fail_after: 9 }))).failure).not.toBeNull();
    expect((await readStream(open(stub, { fail_after: 10 }), "entities")).end).not.toBeNull();
    expect((await readStream(open(stub, { fail_after: -1 }), "entities")).end).not.toBeNull();
  });

  test.each([{ entity_count: 0 }, { entity_count: 100_001 }, { generation_delay_ms: -1 }])("refuses %o", (config) => {
    expect(() => open(stub, config)).toThrow(/entity_count|generation_delay_ms/);
  });

  test("refuses an empty key, as a source refuses missing credentials", () => {
    expect(stub.credentials.safeParse({ stub_key: " " }).success).toBe(false);
    expect(timed.credentials.safeParse({}).success).toBe(false);
  });
});

describe("timed", () => {
  test("spreads its entities over the duration without sleeping: each wait is a page that says until when", async () => {
    let now = NOON;
    const source = open(timed, { entity_count: 8, duration_seconds: 4 }, () => now);
    const counts: number[] = [];
    let page: Page | undefined;
    while (page?.end === undefined || page.end === null) {
      const { pages } = await readStream(source, "entities", { checkpoint: page?.checkpoint ?? null });
      expect(pages).toHaveLength(1);
      page = pages[0];
      counts.push(page?.records.length ?? -1);
      now = page?.resumeAt ?? now;
    }
    expect(counts).toEqual(Array.from({ length: 9 }, () => 1));
    expect(now - NOON).toBe(4000);
  });

  test("hands out fast sequences in handfuls, so that 100,000 entities are not 100,000 slices", async () => {
    let now = NOON;
    const source = open(timed, { entity_count: 1000, duration_seconds: 1 }, () => now);
    let checkpoint: Page["checkpoint"] = null;
    let waits = 0;
    const seen = new Set<unknown>();
    for (;;) {
      const { pages, records, end } = await readStream(source, "entities", { checkpoint });
      for (const id of ids(records)) seen.add(id);
      if (end !== null) break;
      const last = pages.at(-1);
      waits += 1;
      checkpoint = last?.checkpoint ?? null;
      expect(last?.resumeAt).toBeGreaterThanOrEqual(now + 250);
      now = last?.resumeAt ?? now;
    }
    expect(seen.size).toBe(1001);
    expect(waits).toBe(4);
  });

  test("says again until when to wait if it is asked too early, and loses nothing", async () => {
    const source = open(timed, { entity_count: 10, duration_seconds: 600 });
    const { pages } = await readStream(source, "entities");
    const early = await readStream(source, "entities", { checkpoint: pages[0]?.checkpoint ?? null });
    expect(early).toMatchObject({ records: [], end: null, pages: [{ resumeAt: NOON + 60_000 }] });
  });
});

describe("incremental_stub", () => {
  test("emits 6, then 6 of which 5 are new, then the container only, as the count goes 5, 10, 10", async () => {
    const first = await readStream(open(incrementalStub), "entities");
    expect(first.records).toHaveLength(6);
    expect(first.end).toEqual({ cursor: { last_entity_index: 4, entity_count: 5 }, complete: true });

    const grown = open(incrementalStub, { entity_count: 10 });
    const second = await readStream(grown, "entities", { cursor: cursorOf(first) });
    const before = new Set(ids(first.records));
    expect(ids(second.records).filter((id) => !before.has(id))).toHaveLength(5);
    expect(second.records[0]).toMatchObject({ id: fieldOf(first.records[0], "id"), entity_count: 10 });
    expect(second.end?.complete).toBe(false);

    const third = await readStream(grown, "entities", { cursor: cursorOf(second) });
    expect(third.records).toEqual([second.records[0]]);
    expect(third.end).toMatchObject({ cursor: { last_entity_index: 9, entity_count: 10 } });
  });

  test("leaves out what a smaller count takes away when all is read, so that a forced full run deletes it", async () => {
    const { records, end } = await readStream(open(incrementalStub, { entity_count: 3 }), "entities");
    expect(records).toHaveLength(4);
    expect(end?.complete).toBe(true);
  });

  test("goes on from any page", async () => {
    const source = open(incrementalStub, { entity_count: 250 });
    const whole = await readStream(source, "entities");
    const rest = await readStream(source, "entities", { checkpoint: whole.pages[1]?.checkpoint ?? null });
    expect(whole.records).toHaveLength(251);
    expect(rest.records).toEqual(whole.records.slice(200));
  });
});

describe("exception_stub", () => {
  test.each([
    { trigger_after: 0, kept: 1 },
    { trigger_after: 5, kept: 6 },
    { trigger_after: -1, kept: 10 },
    { trigger_after: 9, kept: 10 },
  ])("after $trigger_after entities fails and keeps $kept with the container", async ({ trigger_after, kept }) => {
    const { records, failure } = await pagesBefore(open(exceptionStub, { trigger_after }));
    expect(records).toHaveLength(kept);
    expect(failure).toMatchObject({ kind: "internal", final: true });
    expect(failure?.message).toContain("ExceptionStub");
  });

  test("completes when the trigger lies behind the last entity, as a baseline", async () => {
    const { records, end } = await readStream(open(exceptionStub, { trigger_after: 10 }), "entities");
    expect(records).toHaveLength(10);
    expect(end?.complete).toBe(true);
  });

  test("fails again when continued from its last page, so that a resumed job can't end well", async () => {
    const source = open(exceptionStub, { trigger_after: -1 });
    const { pages } = await pagesBefore(source);
    await expect(
      readStream(source, "entities", { checkpoint: pages.at(-1)?.checkpoint ?? null }),
    ).rejects.toBeInstanceOf(SourceFailure);
  });

  test.each([
    ["runtime_error", "internal"],
    ["source_auth_error", "authentication"],
    ["source_token_refresh_error", "authentication"],
    ["source_server_error", "transient"],
    ["source_rate_limit_error", "rate_limit"],
    ["source_entity_not_found", "not_found"],
    ["source_entity_forbidden", "permission"],
    ["token_expired", "authentication"],
    ["token_credentials_invalid", "authentication"],
    ["token_provider_config_error", "bad_request"],
    ["token_provider_server_error", "transient"],
    ["timeout", "transient"],
    ["cancelled", "internal"],
  ])("%s is a final failure of kind %s with the configured message", async (exception_type, kind) => {
    const config = { exception_type, trigger_after: 0, error_message: "what the test said" };
    const { failure } = await pagesBefore(open(exceptionStub, config));
    expect(failure).toEqual({ kind, message: "what the test said", final: true, retryAt: null });
  });

  test("refuses the credentials when told to, so that creating a connection can be seen to fail", async () => {
    await expect(open(exceptionStub, { fail_on_validate: true }).check()).rejects.toMatchObject({
      failure: { kind: "authentication" },
    });
    await expect(open(exceptionStub).check()).resolves.toBeUndefined();
  });
});

/** The pages that come before a read fails, and how it fails. */
async function pagesBefore(source: ReturnType<Source["open"]>) {
  const pages: Page[] = [];
  try {
    for await (const page of source.read({ stream: "entities", cursor: null, checkpoint: null })) pages.push(page);
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    return { pages, records: pages.flatMap(({ records }) => records), failure: error.failure };
  }
  return { pages, records: pages.flatMap(({ records }) => records), failure: null };
}
