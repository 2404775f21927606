"""What the Airbyte CDK's authenticators put into requests, and what they ask token endpoints: writes oracle.json.

Run with a Python that has airbyte-cdk 7.39.1 and freezegun: python oracle.py
"""

import json
import pathlib
from unittest import mock

import requests
from airbyte_cdk.sources.declarative.models import declarative_component_schema as models
from airbyte_cdk.sources.declarative.parsers.model_to_component_factory import ModelToComponentFactory
from freezegun import freeze_time

NOW = "2026-03-01T12:00:00Z"

CONFIG = {
    "api_key": "k&y/ü=1",
    "number": "12345",
    "user": "Zoë",
    "password": "p:ss w~*rd",
    "empty": "",
    "kind": "key",
    "flag": True,
    "client_id": "client 1",
    "client_secret": "s3cret+/=",
    "refresh_token": "r~f*esh",
    "secret": "a-shared-secret-of-some-length-0123456789",
    "auth": {"type": "b"},
    "credentials": {
        "client_id": "own client",
        "client_secret": "own secret",
        "refresh_token": "own refresh",
        "access_token": "stale",
        "token_expiry_date": "2026-02-01T00:00:00Z",
    },
    "fresh": {"access_token": "still good", "token_expiry_date": "2026-04-01T00:00:00Z", "refresh_token": "x"},
}

OPTION = lambda into, name="key": {"type": "RequestOption", "inject_into": into, "field_name": name}

STATIC = [
    {"type": "NoAuth"},
    {"type": "BearerAuthenticator", "api_token": "{{ config['api_key'] }}"},
    {"type": "BearerAuthenticator", "api_token": "{{ config['number'] }}"},
    {"type": "BasicHttpAuthenticator", "username": "{{ config['user'] }}", "password": "{{ config['password'] }}"},
    {"type": "BasicHttpAuthenticator", "username": "{{ config['api_key'] }}"},
    {"type": "BasicHttpAuthenticator", "username": "{{ config['number'] }}", "password": ""},
    {"type": "ApiKeyAuthenticator", "api_token": "Token token={{ config['api_key'] }}", "header": "X-Key"},
    {"type": "ApiKeyAuthenticator", "api_token": "{{ config['api_key'] }}", "inject_into": OPTION("header", "X-Key")},
    {"type": "ApiKeyAuthenticator", "api_token": "{{ config['api_key'] }}", "inject_into": OPTION("request_parameter")},
    {"type": "ApiKeyAuthenticator", "api_token": "{{ config['api_key'] }}", "inject_into": OPTION("body_json")},
    {"type": "ApiKeyAuthenticator", "api_token": "{{ config['api_key'] }}", "inject_into": OPTION("body_data")},
    {
        "type": "SelectiveAuthenticator",
        "authenticator_selection_path": ["auth", "type"],
        "authenticators": {
            "a": {"type": "NoAuth"},
            "b": {"type": "BearerAuthenticator", "api_token": "{{ config['api_key'] }}"},
        },
    },
    {
        "type": "SelectiveAuthenticator",
        "authenticator_selection_path": ["flag"],
        "authenticators": {"True": {"type": "ApiKeyAuthenticator", "header": "X", "api_token": "1"}},
    },
    {"type": "JwtAuthenticator", "secret_key": "{{ config['secret'] }}", "algorithm": "HS256"},
    {
        "type": "JwtAuthenticator",
        "secret_key": "{{ config['secret'] }}",
        "algorithm": "HS512",
        "base64_encode_secret_key": True,
        "token_duration": 180,
        "header_prefix": "Bearer",
        "jwt_headers": {"kid": "{{ config['kind'] }}", "cty": "JWT"},
        "additional_jwt_headers": {"zip": "none", "abc": "{{ config['kind'] }}"},
        "jwt_payload": {"iss": "{{ config['user'] }}", "sub": "{{ config['number'] }}", "aud": "appstoreconnect-v1"},
        "additional_jwt_payload": {"scope": ["a", "{{ b }}"], "n": "{{ config['number'] }}", "deep": {"x": 1}, "ok": True},
    },
    {
        "type": "JwtAuthenticator",
        "secret_key": "{{ config['secret'] }}",
        "algorithm": "HS384",
        "request_option": OPTION("request_parameter", "jwt"),
    },
]

OAUTH = {
    "type": "OAuthAuthenticator",
    "token_refresh_endpoint": "https://id.example.com/token",
    "client_id": "{{ config['client_id'] }}",
    "client_secret": "{{ config['client_secret'] }}",
    "refresh_token": "{{ config['refresh_token'] }}",
}
WITHOUT_REFRESH = {key: value for key, value in OAUTH.items() if key != "refresh_token"}
ANSWER = {"access_token": "new access", "expires_in": 3600, "refresh_token": "new refresh"}

OAUTHS = [
    (OAUTH, ANSWER),
    ({**OAUTH, "scopes": ["a b", "c"], "refresh_request_body": {"client_id": "ignored", "team": "{{ config['number'] }}", "flag": True, "list": [1, 2], "none": None}}, ANSWER),
    ({**WITHOUT_REFRESH, "grant_type": "client_credentials"}, ANSWER),
    ({**OAUTH, "grant_type": "client_credentials"}, ANSWER),
    ({**OAUTH, "client_secret": "{{ config['empty'] }}"}, ANSWER),
    (
        {
            **OAUTH,
            "grant_type_name": "type",
            "client_id_name": "id",
            "client_secret_name": "key",
            "refresh_token_name": "refresh",
            "access_token_name": "token",
            "expires_in_name": "valid",
        },
        {"data": [{"token": "nested", "valid": "60.9"}]},
    ),
    ({**OAUTH, "refresh_request_headers": {"Authorization": "Basic {{ config['number'] }}", "X-Team": "t7"}}, ANSWER),
    ({**OAUTH, "refresh_request_headers": {"Content-Type": "application/json"}}, ANSWER),
    ({**OAUTH, "send_refresh_request_as_query_params": True, "scopes": ["x"]}, ANSWER),
    ({**OAUTH, "token_expiry_date_format": "YYYY-MM-DDTHH:mm:ssZ", "expires_in_name": "expires_at"}, {"access_token": "a", "expires_at": "2026-03-01T13:30:00+01:00"}),
    ({**OAUTH, "token_expiry_date_format": "X", "expires_in_name": "expires_at"}, {"access_token": "a", "expires_at": 1772370000}),
    (OAUTH, {"access_token": "a"}),
    ({**OAUTH, "refresh_token_updater": {}}, ANSWER),
    ({**OAUTH, "refresh_token_updater": {"refresh_token_name": "next", "refresh_token_config_path": ["refresh_token"]}}, {**ANSWER, "next": "n"}),
    (
        {
            **OAUTH,
            "refresh_token_updater": {
                "access_token_config_path": ["fresh", "access_token"],
                "refresh_token_config_path": ["fresh", "refresh_token"],
                "token_expiry_date_config_path": ["fresh", "token_expiry_date"],
            },
        },
        ANSWER,
    ),
    ({**OAUTH, "access_token_value": "{{ config['fresh']['access_token'] }}", "token_expiry_date": "2026-04-01T00:00:00Z"}, ANSWER),
    ({**OAUTH, "access_token_value": "{{ config['fresh']['access_token'] }}", "token_expiry_date": "2026-02-01T00:00:00Z"}, ANSWER),
    ({"type": "OAuthAuthenticator", "client_id": "a", "client_secret": "b", "refresh_token": "c", "access_token_value": "fixed"}, ANSWER),
    (
        {
            "type": "OAuthAuthenticator",
            "token_refresh_endpoint": "https://id.example.com/token",
            "use_profile_assertion": True,
            "profile_assertion": {
                "type": "JwtAuthenticator",
                "secret_key": "{{ config['secret'] }}",
                "algorithm": "HS256",
                "token_duration": 60,
                "jwt_payload": {"iss": "me", "aud": "https://id.example.com/token"},
            },
        },
        ANSWER,
    ),
]


def build(component):
    config = json.loads(json.dumps(CONFIG))
    model = getattr(models, component["type"])
    return ModelToComponentFactory().create_component(model, component, config, name="s", url_base="https://api.example.com/v1/")


def options_of(authenticator):
    request = requests.Request("GET", "https://api.example.com/").prepare()
    before = dict(request.headers)
    authenticator(request)
    headers = {name: value for name, value in request.headers.items() if before.get(name) != value}
    getter = lambda name: getattr(authenticator, name, dict)()
    return {
        "headers": headers,
        "params": getter("get_request_params"),
        "bodyData": getter("get_request_body_data"),
        "bodyJson": getter("get_request_body_json"),
    }


def oauth_case(component, answer):
    sent = []

    def send(self, request, **kwargs):
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        headers = {name.lower(): value for name, value in request.headers.items()}
        kept = {name: headers[name] for name in headers if name not in ("user-agent", "accept-encoding", "accept", "connection", "content-length")}
        sent.append({"url": request.url, "method": request.method, "headers": kept, "body": body or ""})
        response = requests.Response()
        response.status_code = 200
        response._content = json.dumps(answer).encode()
        response.request = request
        return response

    with mock.patch.object(requests.Session, "send", send), mock.patch("builtins.print"):
        authenticator = build(component)
        header = authenticator.get_auth_header()
        expiry = authenticator.get_token_expiry_date() if sent else None
    return {
        "component": component,
        "answer": answer,
        "requests": sent,
        "headers": header,
        "expires_at": None if expiry is None else str(expiry),
    }


def main():
    with freeze_time(NOW):
        table = {
            "now": NOW,
            "config": CONFIG,
            "static": [{"component": component, "options": options_of(build(component))} for component in STATIC],
            "oauth": [oauth_case(component, answer) for component, answer in OAUTHS],
        }
    path = pathlib.Path(__file__).with_name("oracle.json")
    path.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n")


main()
