import { z } from "@hono/zod-openapi";

import { isJsonObject, type JsonObject } from "#core/json";
import { invalid } from "#http/issues";
import { nonBlank } from "./non-blank.ts";

/** Any JSON object; a body was parsed from JSON, so what is in it is JSON. */
export const jsonObject = z
  .custom<JsonObject>(isJsonObject, "Input should be an object")
  .openapi({ type: "object", additionalProperties: true });

const text = nonBlank();

const direct = z.strictObject({ credentials: jsonObject }).openapi("DirectAuthentication", {
  description: "The source's own credentials. GET /v1/sources/{short_name} lists their fields.",
  example: { credentials: { personal_access_token: "…" } },
});
const oauthToken = z.strictObject({
  access_token: text,
  refresh_token: z.string().nullish(),
  expires_at: z.string().nullish(),
});
const authProvider = z.strictObject({ provider_readable_id: text, provider_config: jsonObject.nullish() });
const oauthBrowser = z.strictObject({
  redirect_uri: z.string().nullish(),
  client_id: z.string().nullish(),
  client_secret: z.string().nullish(),
  consumer_key: z.string().nullish(),
  consumer_secret: z.string().nullish(),
});

/** The four ways Airweave's clients authenticate a source; all are understood, `credentials` works. */
export const authenticationSchema = z.union([direct, oauthToken, authProvider, oauthBrowser]).openapi({
  description: "Direct credentials. The other variants are understood, and refused with 422.",
});
export type Authentication = z.infer<typeof authenticationSchema>;

/** The credentials in an authentication, null where it is absent or empty. Refuses the variants that don't work yet. */
export function directCredentials(authentication: Authentication | null): JsonObject | null {
  if (authentication === null || Object.keys(authentication).length === 0) return null;
  if ("credentials" in authentication) return authentication.credentials;
  const msg =
    'Only direct credentials are supported: send {"credentials": {…}} with the fields that GET /v1/sources/{short_name} lists as auth_fields.';
  throw invalid([{ loc: ["body", "authentication"], msg, type: "value_error" }]);
}
