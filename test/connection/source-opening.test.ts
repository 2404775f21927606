import * as fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";

import { readConfig } from "#config";
import { openSource } from "#connection/source-opening";
import { isJsonObject, type Json, type JsonObject } from "#core/json";
import type { SourceHttp } from "#sources/http-client";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { defineSource } from "#sources/source";
import { AT } from "#test/support/builders";

const WORKER = readConfig({ SLUICE_API_KEY: "k".repeat(16), SLUICE_ENCRYPTION_KEYS: `k1:${"A".repeat(43)}=` });

/** The HTTP client that a source with these credentials gets. */
function httpOf(credentials: JsonObject): SourceHttp {
  const opened: SourceHttp[] = [];
  const brought = defineSource({
    shortName: "brought",
    name: "Brought",
    description: "",
    labels: [],
    continuous: false,
    internal: false,
    streamNames: [],
    config: z.object({}),
    credentials: z.record(z.string(), z.unknown()),
    open({ http }) {
      opened.push(http);
      return { check: async () => {}, streams: async () => [], async *read() {} };
    },
  });
  const settings = { shortName: "brought", brought, config: {}, credentials };
  const around = { now: () => AT, findSource: () => null };
  openSource(settings, WORKER, new MemoryKeepsakes(), new AbortController().signal, around);
  const [http] = opened;
  if (http === undefined) throw new Error("The source was not opened.");
  return http;
}

/** Texts and numbers, as a message would show them. */
function leavesIn(value: Json): string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (isJsonObject(value)) return Object.values(value).flatMap(leavesIn);
  return Array.isArray(value) ? value.flatMap(leavesIn) : [];
}

const text = fc.stringMatching(/^[a-z]{8,20}$/);
const number = fc.oneof(fc.integer({ min: 1_000_000 }), fc.integer({ max: -1_000_000 }));
const { credentials: anyCredentials } = fc.letrec<{ value: Json; credentials: JsonObject }>((tie) => ({
  value: fc.oneof({ maxDepth: 2 }, text, number, fc.array(tie("value"), { maxLength: 3 }), tie("credentials")),
  credentials: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie("value"), { maxKeys: 4 }),
}));

test("a source shows none of its credentials, texts and numbers alike, however deep they are", () => {
  fc.assert(
    fc.property(anyCredentials, (credentials) => {
      const http = httpOf(credentials);
      for (const leaf of leavesIn(credentials)) {
        const said = `GET https://api.example.com/accounts/${leaf}/orders answered 404: no account ${leaf}`;
        expect(http.redact(said)).not.toContain(leaf);
      }
    }),
  );
});
