import type { JsonObject } from "#core/json";
import { compileTemplate } from "#sources/manifest/template/template";
import type { Scope } from "#sources/manifest/scope";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { testHttp } from "./test-http.ts";

/** A scope for a component by itself; override what the test is about. */
export function manifestScope(config: JsonObject, overrides: Partial<Scope> = {}): Scope {
  const now = overrides.now ?? (() => Date.now());
  return {
    config,
    parameters: {},
    stream: "things",
    http: testHttp({ now }),
    keepsakes: new MemoryKeepsakes(),
    now,
    attempts: 0,
    apiBudget: null,
    compile: (text) => compileTemplate(text, { now, uuid: () => "00000000-0000-4000-8000-000000000000" }),
    ...overrides,
  };
}
