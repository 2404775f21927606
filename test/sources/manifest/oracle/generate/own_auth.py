"""Authenticators, config migration and validation."""

from own_support import BASE, case, deep, items, manifest, stream

OPTION = lambda where, field=None, **kw: {"type": "RequestOption", "inject_into": where, **({"field_name": field} if field else {}), **kw}
authed = lambda name, auth, path="/x", **kw: stream(name, path=path, requester={"authenticator": auth, **kw})
LOGIN = {"type": "HttpRequester", "url_base": BASE, "path": "/login", "http_method": "POST", "request_body_json": {"user": "{{ config['user'] }}", "password": "{{ config['secret'] }}"}}
SESSION = {"type": "SessionTokenAuthenticator", "login_requester": LOGIN, "session_token_path": ["data", "token"], "request_authentication": {"type": "Bearer"}}
TWO = {"paginator": {"type": "DefaultPaginator", "page_token_option": OPTION("request_parameter", "page"), "pagination_strategy": {"type": "PageIncrement", "page_size": 1}}}
PAGES = [items({"id": 1}), items({"id": 2}), items()]
session = lambda name, over=None: deep(authed(name, deep(SESSION, over or {})), {"retriever": TWO})
case(
    "token-auth",
    manifest([
        authed("key_header", {"type": "ApiKeyAuthenticator", "api_token": "{{ config['secret'] }}", "inject_into": OPTION("header", "X-Key")}),
        authed("key_prefix", {"type": "ApiKeyAuthenticator", "api_token": "Token {{ config['secret'] }}", "header": "Authorization"}),
        authed("key_param", {"type": "ApiKeyAuthenticator", "api_token": "{{ config['secret'] }}", "inject_into": OPTION("request_parameter", "api key")}, request_parameters={"z": "1"}),
        authed("key_json", {"type": "ApiKeyAuthenticator", "api_token": "{{ config['secret'] }}", "inject_into": OPTION("body_json", "key")}, http_method="POST", request_body_json={"a": 1}),
        authed("key_json_path", {"type": "ApiKeyAuthenticator", "api_token": "{{ config['secret'] }}", "inject_into": OPTION("body_json", field_path=["auth", "key"])}, http_method="POST"),
        authed("key_data", {"type": "ApiKeyAuthenticator", "api_token": "{{ config['secret'] }}", "inject_into": OPTION("body_data", "key")}, http_method="POST", request_body_data={"a": "1"}),
        authed("key_number", {"type": "ApiKeyAuthenticator", "api_token": "{{ config['number'] }}", "inject_into": OPTION("header", "X-Key")}),
        authed("key_zeros", {"type": "ApiKeyAuthenticator", "api_token": "{{ config['zeros'] }}", "inject_into": OPTION("header", "X-Key")}),
        authed("bearer", {"type": "BearerAuthenticator", "api_token": "{{ config['secret'] }}"}),
        authed("basic", {"type": "BasicHttpAuthenticator", "username": "{{ config['user'] }}", "password": "{{ config['secret'] }}"}),
        authed("basic_no_password", {"type": "BasicHttpAuthenticator", "username": "{{ config['user'] }}"}),
        authed("basic_missing", {"type": "BasicHttpAuthenticator", "username": "{{ config['missing'] }}", "password": "{{ config['number'] }}"}),
        authed("over_header", {"type": "BearerAuthenticator", "api_token": "{{ config['secret'] }}"}, request_headers={"authorization": "mine", "X-A": "1"}),
        authed("no_auth", {"type": "NoAuth"}),
        authed("selective", {"type": "SelectiveAuthenticator", "authenticator_selection_path": ["credentials", "kind"], "authenticators": {"a": {"type": "BearerAuthenticator", "api_token": "A"}, "b": {"type": "BasicHttpAuthenticator", "username": "B"}}}),
        session("session_bearer"), session("session_bearer_expiring", {"expiration_duration": "PT1H"}),
        session("session_header", {"request_authentication": {"type": "ApiKey", "inject_into": OPTION("header", "X-Session")}, "expiration_duration": "PT1H"}),
        session("session_template", {"request_authentication": {"type": "ApiKey", "api_token": "Token {{ session_token }}", "inject_into": OPTION("header", "Authorization")}}),
        session("session_param", {"request_authentication": {"type": "ApiKey", "inject_into": OPTION("request_parameter", "session")}, "expiration_duration": "PT1H"}),
        session("session_error", {"login_requester": {"path": "/refused"}}),
        authed("legacy_session", {"type": "LegacySessionTokenAuthenticator", "header": "X-Session", "login_url": "login2", "session_token": "", "session_token_response_key": "id", "username": "{{ config['user'] }}", "password": "{{ config['secret'] }}", "validate_session_url": "me"}, url_base=f"{BASE}/"),
        authed("legacy_session_kept", {"type": "LegacySessionTokenAuthenticator", "header": "X-Session", "login_url": "login2", "session_token": "{{ config['secret'] }}", "session_token_response_key": "id", "username": "", "password": "", "validate_session_url": "me"}, url_base=f"{BASE}/"),
    ]),
    {"user": "ann@example.com", "secret": "s3c/+=& é"[:7], "number": 12345, "zeros": "00123", "credentials": {"kind": "b"}},
    ["key_header", "key_prefix", "key_param", "key_json", "key_json_path", "key_data", "key_number", "key_zeros", "bearer", "basic", "basic_no_password", "basic_missing", "over_header", "no_auth", "selective",
     "session_bearer", "session_bearer_expiring", "session_header", "session_template", "session_param", {"stream": "session_error", "fails": True}, {"stream": "legacy_session", "fails": True}, {"stream": "legacy_session_kept", "fails": True}],
    {"/x": PAGES, "/login": [{"data": {"token": "s1"}}, {"data": {"token": "s2"}}, {"data": {"token": "s3"}}], "/refused": [(401, {}, {"error": "who"})], "/login2": [{"id": "sid"}], "/me": [{"ok": True}]},
)

OAUTH = {"type": "OAuthAuthenticator", "token_refresh_endpoint": f"{BASE}/token", "client_id": "{{ config['client_id'] }}", "client_secret": "{{ config['client_secret'] }}", "refresh_token": "{{ config['refresh_token'] }}"}
oauth = lambda name, **kw: deep(authed(name, {k: v for k, v in {**OAUTH, **kw}.items() if v is not None}), {"retriever": TWO})
REFRESHED = {"access_token": "a1", "expires_in": 3600, "refresh_token": "r2", "scope": "x"}
UPDATER = {"refresh_token_name": "refresh_token", "access_token_config_path": ["access_token"], "refresh_token_config_path": ["refresh_token"], "token_expiry_date_config_path": ["token_expiry_date"]}
case(
    "oauth",
    manifest([
        oauth("refresh"), oauth("client_credentials", grant_type="client_credentials", refresh_token=None), oauth("scopes", scopes=["a", "b c"]),
        oauth("body", refresh_request_body={"audience": "{{ config['client_id'] }}", "nested": {"x": 1}, "number": 5}), oauth("headers", refresh_request_headers={"Authorization": "Basic {{ (config['client_id'] ~ ':' ~ config['client_secret']) | base64encode }}", "Content-Type": "application/x-www-form-urlencoded"}),
        oauth("json_headers", refresh_request_headers={"Content-Type": "application/json"}), oauth("as_query", send_refresh_request_as_query_params=True), oauth("names", client_id_name="cid", client_secret_name="cs", refresh_token_name="rt", grant_type_name="gt", access_token_name="token", expires_in_name="ttl"),
        oauth("nested", access_token_name="token"), oauth("given", token_expiry_date="2026-03-02T00:00:00Z", access_token_value="{{ config['access_token'] }}"), oauth("given_expired", token_expiry_date="2026-02-02T00:00:00Z", access_token_value="{{ config['access_token'] }}"),
        oauth("date_format", token_expiry_date_format="%Y-%m-%dT%H:%M:%SZ", expires_in_name="expires_at"), oauth("updater", refresh_token_updater=UPDATER), oauth("updater_errors", refresh_token_updater={**UPDATER, "refresh_token_error_status_codes": [400], "refresh_token_error_key": "error", "refresh_token_error_values": ["invalid_grant"]}),
        deep(oauth("refresh_then_retry"), {"retriever": {"requester": {"error_handler": {"type": "DefaultErrorHandler", "response_filters": [{"type": "HttpResponseFilter", "http_codes": [401], "action": "REFRESH_TOKEN_THEN_RETRY"}]}}}}),
    ]),
    {"client_id": "cid", "client_secret": "c/s+=&", "refresh_token": "r1", "access_token": "given"},
    ["refresh", "client_credentials", "scopes", "body", "headers", "json_headers", "as_query", {"stream": "names", "routes": {"/token": [{"token": "a1", "ttl": "3600"}]}}, {"stream": "nested", "routes": {"/token": [{"data": {"token": "deep", "expires_in": 60}}]}}, "given", "given_expired",
     {"stream": "date_format", "routes": {"/token": [{"access_token": "a1", "expires_at": "2026-03-01T13:00:00Z"}]}}, "updater", {"stream": "updater", "case": "still valid by the config", "config": {"client_id": "c", "client_secret": "s", "refresh_token": "r1", "access_token": "kept", "token_expiry_date": "2026-03-01T13:00:00Z"}}, 
     {"stream": "refresh", "case": "the token lives for a second", "routes": {"/token": [{**REFRESHED, "expires_in": 0}, {**REFRESHED, "access_token": "a2", "expires_in": 0}, {**REFRESHED, "access_token": "a3", "expires_in": 0}]}},
     {"stream": "refresh", "case": "no expiry in the answer", "routes": {"/token": [{"access_token": "a1"}]}}, {"stream": "refresh", "case": "refused", "fails": True, "routes": {"/token": [(400, {}, {"error": "invalid_grant"})]}}, {"stream": "updater_errors", "case": "refused", "fails": True, "routes": {"/token": [(400, {}, {"error": "invalid_grant"})]}},
     {"stream": "refresh", "case": "no token in the answer", "fails": True, "routes": {"/token": [{"other": 1}]}}, {"stream": "refresh", "case": "429, then well", "routes": {"/token": [(429, {}, ""), (503, {}, ""), REFRESHED]}}, {"stream": "refresh_then_retry", "routes": {"/x": [(401, {}, "")] + PAGES, "/token": [REFRESHED, {**REFRESHED, "access_token": "a2"}]}}, {"stream": "refresh_then_retry", "case": "refused twice", "fails": True, "routes": {"/x": [(401, {}, "")], "/token": [REFRESHED, {**REFRESHED, "access_token": "a2"}]}}],
    {"/x": PAGES, "/token": [REFRESHED]},
)

JWT = {"type": "JwtAuthenticator", "secret_key": "{{ config['secret'] }}", "algorithm": "HS256"}
case(
    "jwt",
    manifest([
        authed("plain", JWT), authed("claims", {**JWT, "algorithm": "HS512", "token_duration": 60, "header_prefix": "JWT", "jwt_headers": {"kid": "{{ config['kid'] }}", "typ": "JWT", "cty": "x"}, "additional_jwt_headers": {"h": "{{ 1 }}"}, "jwt_payload": {"iss": "{{ config['kid'] }}", "sub": "s", "aud": "a"}, "additional_jwt_payload": {"n": "{{ 5 }}", "t": "{{ config.kid }}", "deep": {"x": "{{ 2 }}"}}}),
        authed("base64", {**JWT, "base64_encode_secret_key": True, "algorithm": "HS384"}), authed("param", {**JWT, "request_option": OPTION("request_parameter", "jwt")}), authed("header", {**JWT, "request_option": OPTION("header", "X-JWT"), "header_prefix": "Token"}),
    ]),
    {"secret": "a secret that is long enough for every HMAC that is used here, 64 bytes", "kid": "key-1"},
    ["plain", "claims", "base64", "param", "header"],
    {"/x": [items({"id": 1})]},
)

rules = {
    "type": "ConfigNormalizationRules",
    "config_migrations": [{"type": "ConfigMigration", "description": "old names", "transformations": [
        {"type": "ConfigRemapField", "field_path": ["region"], "map": {"eu": "europe", "us": "america"}},
        {"type": "ConfigAddFields", "fields": [{"type": "AddedFieldDefinition", "path": ["account", "id"], "value": "{{ config['account_id'] }}", "value_type": "string"}, {"type": "AddedFieldDefinition", "path": ["limit"], "value": "{{ config.get('limit', 5) * 2 }}"}], "condition": "{{ 'account_id' in config }}"},
        {"type": "ConfigRemoveFields", "field_pointers": [["account_id"], ["old", "deep"]], "condition": ""},
    ]}],
    "transformations": [{"type": "ConfigAddFields", "fields": [{"type": "AddedFieldDefinition", "path": ["derived"], "value": "d-{{ config['region'] }}"}]}],
    "validations": [{"type": "DpathValidator", "field_path": ["limit"], "validation_strategy": {"type": "ValidateAdheresToSchema", "base_schema": {"type": "integer", "maximum": 20}}}],
}
config_manifest = manifest([stream("x", path="/x/{{ config['region'] }}", requester={"request_parameters": {"all": "{{ config | tojson }}", "limit": "{{ config['limit'] }}", "derived": "{{ config['derived'] }}"}})])
config_manifest["spec"]["config_normalization_rules"] = rules
case("config-rules", config_manifest, {"region": "eu", "account_id": 7, "old": {"deep": 1, "kept": 2}}, [
    "x",
    {"stream": "x", "case": "nothing to migrate", "config": {"region": "asia", "limit": 3}},
    {"stream": "x", "case": "invalid", "fails": True, "config": {"region": "us", "limit": 30}},
], {"*": [items({"id": 1})]})

case("oauth-access-only", manifest([oauth("x", refresh_token=None, token_refresh_endpoint=None, access_token_value="{{ config['access_token'] }}")]), {"client_id": "c", "client_secret": "s", "access_token": "given"}, [{"stream": "x", "fails": True}], {"/x": PAGES})
