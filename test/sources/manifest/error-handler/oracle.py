"""Writes decisions.json beside this file: what the CDK's error handlers decide about answers, and how long they wait.

Run with an interpreter that has `airbyte-cdk`: `python oracle.py`. CI does not need it.
"""

import json
import time
from pathlib import Path

import requests
from airbyte_cdk.sources.declarative.models.declarative_component_schema import (
    CompositeErrorHandler,
    DefaultErrorHandler,
)
from airbyte_cdk.sources.declarative.parsers.model_to_component_factory import ModelToComponentFactory
from airbyte_cdk.utils import AirbyteTracedException

NOW = 1_700_000_000.0
time.time = lambda: NOW

DEFAULT = {"type": "DefaultErrorHandler"}


def default(*filters, backoffs=(), **fields):
    return {
        "type": "DefaultErrorHandler",
        "response_filters": [{"type": "HttpResponseFilter", **one} for one in filters],
        "backoff_strategies": list(backoffs),
        **fields,
    }


def composite(*handlers):
    return {"type": "CompositeErrorHandler", "error_handlers": list(handlers)}


HANDLERS = [
    DEFAULT,
    default({"http_codes": [404], "action": "IGNORE"}),
    default({"http_codes": [400, 404], "action": "FAIL", "error_message": "No {{ response['what'] }} for {{ config['who'] }}"}),
    default({"http_codes": [403], "action": "RETRY"}, {"http_codes": [403, 500], "action": "IGNORE"}),
    default({"predicate": "{{ response.get('code') == 7 }}", "action": "RATE_LIMITED"}),
    default({"predicate": "{{ 'x-left' in headers and headers['X-Left'] | int < 1 }}", "action": "RATE_LIMITED"}),
    default({"predicate": "{{ response['error']['type'] == 'deep' }}", "action": "IGNORE"}),
    default({"predicate": "{{ request_url.endswith('/a') }}", "http_codes": [418], "action": "IGNORE"}),
    default({"error_message_contains": "try later", "action": "RETRY"}),
    default({"error_message_contains": "", "predicate": "", "action": "FAIL"}),
    default({"http_codes": [200], "action": "FAIL", "failure_type": "config_error", "error_message": "not for you"}),
    default({"http_codes": [500], "action": "FAIL", "failure_type": "transient_error"}),
    default({"http_codes": [401], "action": "REFRESH_TOKEN_THEN_RETRY"}),
    default({"http_codes": [400], "action": "RESET_PAGINATION"}),
    default({"http_codes": [404, 500], "action": "SUCCESS"}),
    default({"http_codes": [429]}),
    composite(default({"http_codes": [403], "action": "FAIL", "error_message": "first"}), default({"http_codes": [403], "action": "IGNORE"})),
    composite(default({"http_codes": [403], "action": "RATE_LIMITED"}), DEFAULT),
    composite(DEFAULT, default({"http_codes": [200], "action": "FAIL"})),
    composite(DEFAULT, default({"http_codes": [404], "action": "IGNORE"}), DEFAULT),
    composite(composite(default({"http_codes": [404], "action": "IGNORE"})), DEFAULT),
]
RESPONSES = [
    {"status": status, "headers": {}, "body": body}
    for status, body in [
        (200, "{}"),
        (204, ""),
        (302, ""),
        (400, '{"what": "thing"}'),
        (401, '{"error": "invalid_token"}'),
        (402, ""),
        (403, '{"code": 7}'),
        (404, "<html>gone</html>"),
        (405, ""),
        (408, ""),
        (409, '{"errors": [{"message": "please try later"}, "x"]}'),
        (410, ""),
        (418, "I'm a teapot"),
        (422, '{"error": {"type": "deep", "message": {"detail": "try later"}}}'),
        (429, ""),
        (500, '{"message": "", "error": "try later"}'),
        (501, ""),
        (502, "try later"),
        (503, ""),
        (504, ""),
        (520, ""),
    ]
] + [
    {"status": 200, "headers": {"X-Left": "0"}, "body": "{}"},
    {"status": 200, "headers": {"x-left": "5"}, "body": "[]"},
    {"status": 200, "headers": {}, "body": '{"code": 7, "error": {"type": "deep"}}'},
    {"status": 200, "headers": {}, "body": '["try later"]'},
]

BACKOFFS = [
    [],
    [{"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 7}],
    [{"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 2.5}],
    [{"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": "{{ config['wait'] }}"}],
    [{"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 0}, {"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 3}],
    [{"type": "ExponentialBackoffStrategy"}],
    [{"type": "ExponentialBackoffStrategy", "factor": 2}],
    [{"type": "ExponentialBackoffStrategy", "factor": "{{ config['wait'] }}"}],
    [{"type": "WaitTimeFromHeader", "header": "Retry-After"}],
    [{"type": "WaitTimeFromHeader", "header": "retry-after", "regex": "[0-9]+"}, {"type": "ExponentialBackoffStrategy", "factor": 1}],
    [{"type": "WaitTimeFromHeader", "header": "X-Wait", "regex": "(\\d+)\\s*s"}],
    [{"type": "WaitTimeFromHeader", "header": "X-Wait", "max_waiting_time_in_seconds": 30}],
    [{"type": "WaitTimeFromHeader", "header": "{{ config['header'] }}"}],
    [{"type": "WaitUntilTimeFromHeader", "header": "X-Reset"}],
    [{"type": "WaitUntilTimeFromHeader", "header": "X-Reset", "min_wait": 10}],
    [{"type": "WaitUntilTimeFromHeader", "header": "X-Reset", "min_wait": "{{ config['wait'] }}", "regex": "\\d+"}],
    [{"type": "WaitUntilTimeFromHeader", "header": "X-Reset", "max_waiting_time_in_seconds": 60}],
    [{"type": "WaitUntilTimeFromHeader", "header": "X-Reset"}, {"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 4}],
    [{"type": "WaitTimeFromResponse", "wait_time_in_seconds": "{{ response['retry']['in'] }}"}, {"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 4}],
    [{"type": "WaitTimeFromResponse", "wait_time_in_seconds": "{{ headers['X-Wait'] }}"}],
    [{"type": "WaitTimeFromResponse", "wait_time_in_seconds": "{{ response['retry']['in'] / 1000 }}", "max_waiting_time_in_seconds": 1}],
]
WAITS = [
    {"headers": {}, "body": ""},
    {"headers": {"Retry-After": "12"}, "body": ""},
    {"headers": {"Retry-After": "0"}, "body": ""},
    {"headers": {"Retry-After": "12.5", "X-Wait": "30"}, "body": ""},
    {"headers": {"Retry-After": "1e1", "X-Wait": "31"}, "body": ""},
    {"headers": {"Retry-After": "12 seconds", "X-Wait": "15 s"}, "body": ""},
    {"headers": {"Retry-After": "in 12", "X-Wait": "29.9"}, "body": ""},
    {"headers": {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT", "X-Wait": "-5"}, "body": ""},
    {"headers": {"X-Reset": "1700000042"}, "body": '{"retry": {"in": 5}}'},
    {"headers": {"X-Reset": "1700000042.5"}, "body": '{"retry": {"in": "1500"}}'},
    {"headers": {"X-Reset": "1700000003"}, "body": '{"retry": {"in": -5}}'},
    {"headers": {"X-Reset": "1699999000"}, "body": '{"retry": {"in": null}}'},
    {"headers": {"X-Reset": "1700000060"}, "body": '{"retry": "soon"}'},
    {"headers": {"X-Reset": "1700000061"}, "body": '["list"]'},
    {"headers": {"X-Reset": "0"}, "body": '{"retry": {"in": 0}}'},
    {"headers": {"X-Reset": "tomorrow"}, "body": '{"retry": {"in": "later"}}'},
    {"headers": {"X-Reset": "1700000042 (UTC)"}, "body": '{"retry": {"in": 999}}'},
]
CONFIG = {"who": "me", "wait": "6", "header": "X-Wait"}


def response(one):
    result = requests.Response()
    result.status_code = one.get("status", 429)
    result.headers.update(one["headers"])
    result._content = one["body"].encode()
    result.url = "https://api.example.com/a?token=secret"
    return result


def handler(definition):
    model = {"DefaultErrorHandler": DefaultErrorHandler, "CompositeErrorHandler": CompositeErrorHandler}[definition["type"]]
    return ModelToComponentFactory().create_component(model, definition, CONFIG)


def decision(definition, one):
    resolution = handler(definition).interpret_response(response(one))
    return resolution.response_action.name


def waits(strategies, one):
    built = handler(default(backoffs=strategies))
    try:
        return [built.backoff_time(response(one), attempt) for attempt in (1, 2, 3)]
    except AirbyteTracedException:
        return "refused"


def write(name, table):
    Path(__file__).with_name(name).write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n")


write(
    "decisions.json",
    {
        "config": CONFIG,
        "responses": RESPONSES,
        "handlers": [
            {"handler": one, "actions": [decision(one, answer) for answer in RESPONSES]} for one in HANDLERS
        ],
    },
)
write(
    "backoffs.json",
    {
        "config": CONFIG,
        "now": NOW * 1000,
        "responses": WAITS,
        "strategies": [{"strategies": one, "waits": [waits(one, answer) for answer in WAITS]} for one in BACKOFFS],
    },
)
