import { readFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import type { Json } from "#core/json";
import type { SourceRequest } from "#sources/http-client";
import { apiKeyAuthenticator } from "#sources/manifest/authenticator/api-key-authenticator";
import { authenticator } from "#sources/manifest/authenticator/authenticator";
import { bearerAuthenticator } from "#sources/manifest/authenticator/bearer-authenticator";
import { httpRequester } from "#sources/manifest/requester/http-requester";
import { requester } from "#sources/manifest/requester/requester";
import { TemplateError } from "#sources/manifest/template/template-error";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";
import { testHttp } from "#test/support/test-http";

/*
 * The table says what the CDK sent; oracle.py beside it made it. Of a GET's body only the content type is sent here: the
 * Fetch standard knows none.
 */

const json: z.ZodType<Json> = z.json();
const fields = z.record(z.string(), json).default({});
const table = z
  .object({
    config: z.record(z.string(), z.unknown()),
    asked: z.array(
      z.object({
        partition: fields,
        cursorSlice: fields,
        extraFields: fields,
        token: json.default(null),
        path: z.string().nullable().default(null),
        headers: fields,
        params: fields,
        bodyData: fields,
        bodyJson: fields,
      }),
    ),
    requesters: z.array(
      z.object({
        requester: json,
        sent: z.array(
          z.union([
            z.object({ fails: z.literal(true) }),
            z
              .object({
                method: z.string(),
                url: z.string(),
                headers: z.record(z.string(), z.string()),
                body: z.string().nullable(),
              })
              .transform((sent) => (sent.method === "GET" ? { ...sent, body: null } : sent)),
          ]),
        ),
      }),
    ),
  })
  .parse(parseExactly(readFileSync(join(import.meta.dirname, "requests.json"), "utf8")));

beforeAll(() => {
  requester.join([httpRequester]);
  authenticator.join([apiKeyAuthenticator, bearerAuthenticator]);
});

const cases = table.requesters.flatMap(({ requester: definition, sent }) =>
  table.asked.map((asked, index) => ({
    definition,
    asked,
    sent: sent[index],
    name: `${JSON.stringify(definition)} ${JSON.stringify(asked)}`,
  })),
);

describe("requests are those of the CDK", () => {
  test.each(cases)("$name", async ({ definition, asked, sent }) => {
    expect(await sentBy(definition, asked)).toEqual(sent);
  });
});

function isRefusal(error: unknown): boolean {
  return error instanceof SourceFailure || error instanceof TemplateError || error instanceof z.ZodError;
}

async function sentBy(definition: Json, asked: (typeof table)["asked"][number]): Promise<unknown> {
  const requests: SourceRequest[] = [];
  const http = {
    ...testHttp({ now: () => 0 }),
    request: async (request: SourceRequest) => {
      requests.push(request);
      throw new Error("enough");
    },
  };
  const config = JSON.parse(JSON.stringify(table.config));
  Object.assign(config, { big: table.config["big"] });
  const { partition, cursorSlice, extraFields, token, path, headers, params, bodyData, bodyJson } = asked;
  try {
    await requester.schema
      .parse(definition)(manifestScope(config, { http }))
      .send({
        slice: { partition, cursorSlice, extraFields },
        token,
        path,
        options: [{ headers, params, bodyData, bodyJson }],
      });
  } catch (error) {
    if (isRefusal(error)) return { fails: true };
    if (!(error instanceof Error) || error.message !== "enough") throw error;
  }
  const [request] = requests;
  if (request === undefined) throw new Error("nothing was sent");
  const body = request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : (request.body ?? null);
  return { method: request.method, url: String(request.url), headers: request.headers, body };
}
