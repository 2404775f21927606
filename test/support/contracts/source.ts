import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import type { SourceHttpOptions } from "#sources/http-client";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { SourceFailure, type Source, type Stream } from "#sources/source";
import { copyOf, entityIdOf, readPages, type TestClock } from "#test/support/copy";
import { testHttp } from "#test/support/test-http";

/** A source, ready to be read. It should hold enough for every stream to have several pages. */
export interface SourceFixture {
  readonly source: Source;
  readonly config: JsonObject;
  readonly credentials: JsonObject;
  /** Null for a source without a network: it has nobody who could refuse, and nothing that could be broken off. */
  readonly network: {
    /** Of the right form, but not accepted. */
    readonly wrongCredentials: JsonObject;
  } | null;
  close(): Promise<void>;
}

/** Runs over every source; what holds for one must hold for all. `network` as in the fixture. */
export function describeSource(
  name: string,
  makeFixture: () => Promise<SourceFixture>,
  { network }: { readonly network: boolean },
): void {
  describe(`${name}, as every source`, () => {
    let fixture: SourceFixture;
    const clock: TestClock = { now: Date.parse("2026-01-01T00:00:00Z") };

    beforeAll(async () => {
      fixture = await makeFixture();
    }, 30_000);
    afterAll(() => fixture.close());

    const open = (http: Partial<SourceHttpOptions> = {}, credentials = fixture.credentials) =>
      fixture.source.open({
        config: fixture.config,
        credentials,
        http: testHttp({ secrets: secretsOf(credentials), ...http }),
        keepsakes: new MemoryKeepsakes(),
        now: () => clock.now,
      });

    const firstStream = async (): Promise<Stream> => {
      const [stream] = await open().streams();
      if (stream === undefined) throw new Error("The source has no streams.");
      return stream;
    };

    /** Each stream with the pages of a read from beginning to end. */
    const readEverything = async () => {
      const source = open();
      const streams = await source.streams();
      return Promise.all(
        streams.map(async (stream) => ({ stream, pages: await readPages(source, { stream: stream.name }, clock) })),
      );
    };

    test("names its streams once each, since the copy is keyed by them", async () => {
      const names = (await open().streams()).map((stream) => stream.name);

      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
    });

    test("accepts its credentials", async () => {
      await expect(open().check()).resolves.toBeUndefined();
    });

    test("ends a read with the last page and no other, so that a read cut off is told from one that ended", async () => {
      for (const { stream, pages } of await readEverything()) {
        const completes = pages.map((page) => page.end?.complete ?? null);
        expect({ stream, completes }).toEqual({ stream, completes: [...pages.slice(1).map(() => null), true] });
      }
    });

    test("reads the rest from every checkpoint, after a journey through JSON, since a slice may end at any page", async () => {
      for (const { stream, pages } of await readEverything()) {
        const whole = copyOf(stream, pages);
        for (const [index, { checkpoint, end }] of pages.entries()) {
          const stored = JSON.parse(JSON.stringify(checkpoint));
          expect(stored).toEqual(checkpoint);
          if (end !== null) break;
          const rest = await readPages(open(), { stream: stream.name, checkpoint: stored }, clock);
          const copy = copyOf(stream, [...pages.slice(0, index + 1), ...rest]);
          const last = { from: `${stream.name}, page ${index}`, copy, end: rest.at(-1)?.end };
          expect(last).toEqual({ ...last, copy: whole, end: pages.at(-1)?.end });
        }
      }
    });

    test("gives every record its primary key", async () => {
      for (const { stream, pages } of await readEverything()) {
        for (const record of pages.flatMap((page) => page.records)) {
          expect(() => entityIdOf(stream, record)).not.toThrow();
        }
      }
    });

    test("has nothing new after the cursor it ended with, while nothing changes", async () => {
      for (const { stream, pages } of await readEverything()) {
        if (!stream.incremental) continue;
        const whole = copyOf(stream, pages);
        const cursor = JSON.parse(JSON.stringify(pages.at(-1)?.end?.cursor));
        const later = await readPages(open(), { stream: stream.name, cursor }, clock);
        expect({ stream, copy: copyOf(stream, later, whole) }).toEqual({ stream, copy: whole });
        expect({ stream, end: later.at(-1)?.end }).toEqual({ stream, end: expect.any(Object) });
      }
    });

    if (network) describeNetwork();

    function describeNetwork(): void {
      test("stops with the signal's reason, since a cancelled job must not look like a failed one", async () => {
        const { name: stream } = await firstStream();
        const reason = new Error("cancelled by the test");
        await expect(readPages(open({ signal: AbortSignal.abort(reason) }), { stream }, clock)).rejects.toBe(reason);
        await expect(open({ signal: AbortSignal.abort(reason) }).check()).rejects.toBe(reason);
      });

      test("stops with the signal's reason while the upstream hangs", async () => {
        const { name: stream } = await firstStream();
        const controller = new AbortController();
        const reason = new Error("cancelled by the test");
        const hangs = () => {
          queueMicrotask(() => controller.abort(reason));
          return new Promise<Response>(() => {});
        };
        const source = open({ fetch: hangs, signal: controller.signal });
        await expect(readPages(source, { stream }, clock)).rejects.toBe(reason);
      });

      test("says `authentication` where its credentials are not accepted", async () => {
        const failure = await open({}, wrongCredentials(fixture))
          .check()
          .catch((error: unknown) => error);

        expect(failure).toBeInstanceOf(SourceFailure);
        expect(failure).toMatchObject({ failure: { kind: "authentication" } });
        expectNoSecret(failure, wrongCredentials(fixture));
      });

      test("shows no credential in a failure, even where the upstream repeats what it was sent", async () => {
        const { name: stream } = await firstStream();
        const attempts = [open({ fetch: echo }).check(), readPages(open({ fetch: echo }), { stream }, clock)];
        for (const attempt of await Promise.allSettled(attempts)) {
          expect(attempt).toMatchObject({ status: "rejected", reason: expect.any(SourceFailure) });
          if (attempt.status === "rejected") expectNoSecret(attempt.reason, fixture.credentials);
        }
      });
    }
  });
}

/** An upstream that answers every request with an error which repeats all of it. */
async function echo(url: string, init: RequestInit): Promise<Response> {
  const sent = JSON.stringify([url, [...new Headers(init.headers)], init.body]);
  return new Response(JSON.stringify({ message: sent }), { status: 500 });
}

function wrongCredentials({ network }: SourceFixture): JsonObject {
  if (network === null) throw new Error("A source with a network needs wrong credentials for its test.");
  return network.wrongCredentials;
}

function secretsOf(credentials: JsonObject): string[] {
  return Object.values(credentials).filter((value) => typeof value === "string");
}

function expectNoSecret(failure: unknown, credentials: JsonObject): void {
  const message = failure instanceof Error ? failure.message : String(failure);
  for (const secret of secretsOf(credentials)) expect(message).not.toContain(secret);
  const values = secretsOf(credentials).join(":");
  expect(message).not.toContain(btoa(values));
}
