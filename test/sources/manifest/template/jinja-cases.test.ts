import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { z } from "zod";

import { PythonError } from "#sources/manifest/python/python-error";
import { compileProgram } from "#sources/manifest/template/program";
import { hasPublishedManifests, PUBLISHED_MANIFESTS } from "#test/support/published-manifests";

const CASES = join(PUBLISHED_MANIFESTS, "jinja-cases.json");

const cases = z
  .array(z.object({ s: z.string(), ctx: z.record(z.string(), z.unknown()), res: z.string() }))
  .parse(hasPublishedManifests ? JSON.parse(readFileSync(CASES, "utf8")) : []);

const ENVIRONMENT = { now: () => 0, uuid: () => "" };

/** How the cases show that Jinja raises an error. */
const RAISED = "__ERR__";

function rendered(text: string, context: Record<string, unknown>): string {
  try {
    return compileProgram(text, ENVIRONMENT).render(context);
  } catch (error) {
    if (error instanceof PythonError) return RAISED;
    throw error;
  }
}

describe.skipIf(!hasPublishedManifests)("templates of published manifests", () => {
  it("render as with Jinja, with every variable set and with none", () => {
    const results = cases.map(({ s, ctx }) => ({ s, res: rendered(s, ctx) }));
    expect(results).toEqual(cases.map(({ s, res }) => ({ s, res })));
  });

  it("are all there", () => {
    expect(cases.length).toBe(1002);
  });
});
