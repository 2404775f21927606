import { z } from "zod";

import { text } from "#sources/manifest/text";
import { jwtAssertion } from "./jwt-assertion.ts";
import { textMap } from "./text-map.ts";

const configPath = z.array(z.string()).nullish();

const refusalSigns = {
  /** What a refusal looks like that says the refresh token is spent: a status, and a value of a field of its body. */
  refresh_token_error_status_codes: z.array(z.number()).nullish(),
  refresh_token_error_key: z.string().nullish(),
  refresh_token_error_values: z.array(z.string()).nullish(),
};

/** The fields of an OAuthAuthenticator, as the manifest has them. */
export const oauthFields = z
  .object({
    token_refresh_endpoint: text.nullish(),
    grant_type_name: text.nullish(),
    grant_type: text.nullish(),
    client_id_name: text.nullish(),
    client_id: text.nullish(),
    client_secret_name: text.nullish(),
    client_secret: text.nullish(),
    refresh_token_name: text.nullish(),
    refresh_token: text.nullish(),
    scopes: z.array(z.string()).nullish(),
    access_token_name: text.nullish(),
    access_token_value: text.nullish(),
    expires_in_name: text.nullish(),
    token_expiry_date: text.nullish(),
    token_expiry_date_format: z.string().nullish(),
    refresh_request_body: textMap.nullish(),
    refresh_request_headers: textMap.nullish(),
    send_refresh_request_as_query_params: z.boolean().nullish(),
    use_profile_assertion: text.nullish(),
    profile_assertion: jwtAssertion.nullish(),
    ...refusalSigns,
    /** There where refresh tokens are good for one use: where the config has them, and the token that came last. */
    refresh_token_updater: z
      .object({
        refresh_token_name: z.string().nullish(),
        access_token_config_path: configPath,
        refresh_token_config_path: configPath,
        token_expiry_date_config_path: configPath,
        ...refusalSigns,
      })
      .nullish(),
  })
  .superRefine((fields, context) => {
    const missing = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
    const hasAssertion = !isAbsent(fields.use_profile_assertion) || !isAbsent(fields.profile_assertion);
    if (isAbsent(fields.token_refresh_endpoint)) {
      if (isAbsent(fields.access_token_value)) {
        missing("token_refresh_endpoint", "Say where tokens are obtained, or give an access_token_value.");
      }
      return;
    }
    if (hasAssertion || !isAbsent(fields.refresh_token_updater)) return;
    if (isAbsent(fields.client_id)) missing("client_id", "OAuth needs a client_id.");
    if (isAbsent(fields.client_secret)) {
      missing("client_secret", "OAuth needs a client_secret, empty where the API has none.");
    }
    if (isAbsent(fields.grant_type) && isAbsent(fields.refresh_token)) {
      missing("refresh_token", 'Give a refresh_token, or a grant_type that needs none, such as "client_credentials".');
    }
  });
export type OauthFields = z.infer<typeof oauthFields>;

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
