import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";
import { z } from "zod";

import { apiKeyAuthenticator } from "#sources/manifest/authenticator/api-key-authenticator";
import { authenticator } from "#sources/manifest/authenticator/authenticator";
import { basicHttpAuthenticator } from "#sources/manifest/authenticator/basic-http-authenticator";
import { bearerAuthenticator } from "#sources/manifest/authenticator/bearer-authenticator";
import { jwtAuthenticator } from "#sources/manifest/authenticator/jwt-authenticator";
import { noAuth } from "#sources/manifest/authenticator/no-auth";
import { oauthAuthenticator } from "#sources/manifest/authenticator/oauth-authenticator";
import { selectiveAuthenticator } from "#sources/manifest/authenticator/selective-authenticator";
import { manifestScope } from "#test/support/manifest-scope";
import { testHttp } from "#test/support/test-http";

const jsonObject = z.record(z.string(), z.json());

/** What `oracle.py` recorded of the CDK. */
const { now, config, ...table } = z
  .object({
    now: z.string(),
    config: jsonObject,
    static: z.array(z.object({ component: jsonObject, options: jsonObject })),
    oauth: z.array(
      z.object({
        component: jsonObject,
        answer: z.json(),
        requests: z.array(
          z.object({
            url: z.string(),
            method: z.string(),
            headers: z.record(z.string(), z.string()),
            body: z.string(),
          }),
        ),
        headers: jsonObject,
        expires_at: z.string().nullable(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL("oracle.json", import.meta.url).pathname, "utf8")));

const NOW = Date.parse(now);

authenticator.join([
  noAuth,
  bearerAuthenticator,
  basicHttpAuthenticator,
  apiKeyAuthenticator,
  selectiveAuthenticator,
  jwtAuthenticator,
  oauthAuthenticator,
]);

describe("what proves who is calling is what the CDK sends", () => {
  test.each(table.static.map((one) => [JSON.stringify(one.component), one] as const))(
    "%s",
    async (_name, { component, options }) => {
      const built = authenticator.schema.parse(component)(manifestScope(config, { now: () => NOW }));

      expect(await built.options()).toEqual(options);
    },
  );
});

describe("a token is asked for as the CDK asks for it", () => {
  test.each(table.oauth.map((one) => [JSON.stringify(one.component), one] as const))(
    "%s",
    async (_name, { component, answer, requests, headers, expires_at: expiresAt }) => {
      const sent: object[] = [];
      let time = NOW;
      const http = testHttp({
        fetch: async (url, init) => {
          const all = new Headers(init.headers);
          for (const name of ["accept", "user-agent"]) all.delete(name);
          sent.push({ url, method: init.method, headers: Object.fromEntries(all), body: init.body ?? "" });
          return Response.json(answer);
        },
      });
      const built = authenticator.schema.parse(component)(manifestScope(config, { http, now: () => time }));

      expect((await built.options()).headers).toEqual(headers);
      expect(sent).toEqual(requests);

      if (expiresAt === null) return;
      time = Date.parse(expiresAt);
      await built.options();
      expect(sent).toHaveLength(1);
      time += 1;
      await built.options();
      expect(sent).toHaveLength(2);
    },
  );
});
