import { expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { compileManifest } from "#sources/manifest/compile";
import { openManifest } from "#sources/manifest/manifest-source";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { testHttp } from "#test/support/test-http";

function aStream(name: string): JsonObject {
  return {
    type: "DeclarativeStream",
    name,
    retriever: {
      type: "SimpleRetriever",
      requester: { type: "HttpRequester", url_base: "https://api.example.com", path: `/${name}` },
      record_selector: { type: "RecordSelector", extractor: { type: "DpathExtractor", field_path: [] } },
    },
  };
}

function namesFor(streams: readonly JsonObject[], config: JsonObject): Promise<string[]> {
  const source = openManifest(compileManifest({ version: "7.0.0", streams }), {
    config,
    credentials: {},
    http: testHttp({}),
    keepsakes: new MemoryKeepsakes(),
    now: () => 0,
  });
  return source.streams().then((all) => all.map(({ name }) => name));
}

const sandboxOnly: JsonObject = {
  type: "ConditionalStreams",
  condition: "{{ config['sandbox'] }}",
  streams: [aStream("drafts"), aStream("trials")],
};

test.each([
  { config: { sandbox: true }, names: ["orders", "drafts", "trials"] },
  { config: { sandbox: false }, names: ["orders"] },
  { config: {}, names: ["orders"] },
])("streams on a condition are there where the config fulfils it: $config", async ({ config, names }) => {
  expect(await namesFor([aStream("orders"), sandboxOnly], config)).toEqual(names);
});

test("two streams of one name are refused where both are there, since the copy is keyed by names", async () => {
  const twice: JsonObject = {
    type: "ConditionalStreams",
    condition: "{{ config['sandbox'] }}",
    streams: [aStream("orders")],
  };

  expect(await namesFor([aStream("orders"), twice], { sandbox: false })).toEqual(["orders"]);
  await expect(namesFor([aStream("orders"), twice], { sandbox: true })).rejects.toThrow(
    'two streams with the name "orders"',
  );
});
