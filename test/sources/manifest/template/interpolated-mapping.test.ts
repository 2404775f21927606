import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { z } from "zod";

import {
  type Interpolated,
  interpolateNestedRequestInput,
  interpolateRequestInput,
} from "#sources/manifest/template/interpolated-mapping";
import { compileTemplate, TemplateError } from "#sources/manifest/template/template";

const jsonObject = z.record(z.string(), z.json());
const outcome = { value: z.unknown().optional(), error: z.literal(true).optional() };
const flat = z.array(z.object({ input: z.union([z.string(), jsonObject]), ...outcome }));

const table = z
  .object({
    context: z.record(z.string(), z.unknown()),
    headers: flat,
    parameters: flat,
    bodies: z.array(z.object({ input: z.json(), ...outcome })),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "mappings.json"), "utf8")));

const compile = (text: string) => compileTemplate(text, { now: () => 0, uuid: () => "" });

function evaluated(input: unknown, interpolated: Interpolated<unknown>): unknown {
  try {
    return { input, value: interpolated.evaluate(table.context) };
  } catch (error) {
    if (error instanceof TemplateError) return { input, error: true };
    throw error;
  }
}

describe("mappings with templates become what they become with the Airbyte CDK", () => {
  it("as headers, whose values may be of any type", () => {
    const results = table.headers.map(({ input }) => evaluated(input, interpolateRequestInput(input, compile)));
    expect(results).toEqual(table.headers);
  });

  it("as parameters, whose values are texts or lists", () => {
    const options = { validKeyTypes: ["str"], validValueTypes: ["str", "list"] } as const;
    const results = table.parameters.map(({ input }) =>
      evaluated(input, interpolateRequestInput(input, compile, options)),
    );
    expect(results).toEqual(table.parameters);
  });

  it("as bodies, at every level", () => {
    const results = table.bodies.map(({ input }) => evaluated(input, interpolateNestedRequestInput(input, compile)));
    expect(results).toEqual(table.bodies);
  });
});
