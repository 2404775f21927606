"""Writes mappings.json: what the Airbyte CDK makes of mappings with templates in them. Needs airbyte-cdk."""

import json
import pathlib

from airbyte_cdk.sources.declarative.requesters.request_options.interpolated_nested_request_input_provider import (
    InterpolatedNestedRequestInputProvider,
)
from airbyte_cdk.sources.declarative.requesters.request_options.interpolated_request_input_provider import (
    InterpolatedRequestInputProvider,
)

CONFIG = {"a": "x", "n": 5, "none": None, "empty": "", "list": [1, "b"], "f": 1.5, "t": True, "quoted": "'5'", "key": "7"}
SLICE = {"id": 3, "start": "2024-01-01"}

FLAT = [
    {},
    "",
    "plain",
    "{{ config['a'] }}&n={{ config.n }}",
    "{{ config.none }}",
    "{{ config.missing }}",
    "{{ config.missing.deeper }}",
    "{'a': {{ config.n }}, 'b': None}",
    {"a": "b"},
    {"a": "1", "b": "1.0", "c": "True", "d": "None", "e": "", "f": "[1, 2]", "g": "1,2", "h": "{'x': 1}"},
    {"a": "{{ config.a }}", "b": "{{ config.n }}", "c": "{{ config.none }}", "d": "{{ config.empty }}"},
    {"a": "{{ config.missing }}", "b": "{{ config.missing.deeper }}", "c": "{{ config.list }}", "d": "{{ config.f }}"},
    {"a": "{{ config.t }}", "b": "{{ not config.t }}", "c": "{{ config.quoted }}"},
    {"{{ config.a }}": 1, "{{ config.key }}": 2, "{{ config.n }}-{{ config.n }}": None},
    {"{{ config.missing }}": "v"},
    {"a": 5, "b": None, "c": True, "d": ["{{ config.a }}"], "e": {"x": "{{ config.a }}"}},
    {"id": "{{ stream_slice.id }}", "since": "{{ stream_interval['start'] }}", "p": "{{ stream_partition.id }}"},
    {"token": "{{ next_page_token['next_page_token'] }}"},
    {"p": "{{ parameters.name }}"},
    {"a": "{{ config.a + 1 }}"},
]

NESTED = FLAT + [
    {"a": {"b": {"c": "{{ config.n }}", "d": "{{ config.none }}"}}, "e": ["{{ config.a }}", "{{ config.none }}", {"f": "{{ config.missing }}"}]},
    {"{{ config.a }}": {"{{ config.key }}": ["{{ config.f }}", 1.5, False]}},
    ["{{ config.n }}", None],
    {"query": "query { items(first: {{ config.n }}) { id } }"},
]


def outcome(run):
    try:
        value = run()
    except Exception:
        return {"error": True}
    return {"value": json.loads(json.dumps(value))}


def flat(inputs, **types):
    provider = InterpolatedRequestInputProvider(request_inputs=inputs, config=CONFIG, parameters={"name": "p"})
    return outcome(lambda: provider.eval_request_inputs(stream_slice=SLICE, next_page_token=None, **types))


def nested(inputs):
    provider = InterpolatedNestedRequestInputProvider(request_inputs=inputs, config=CONFIG, parameters={"name": "p"})
    return outcome(lambda: provider.eval_request_inputs(stream_slice=SLICE, next_page_token=None))


table = {
    "context": {"config": CONFIG, "stream_slice": SLICE, "next_page_token": None, "parameters": {"name": "p"}},
    "headers": [{"input": inputs, **flat(inputs)} for inputs in FLAT],
    "parameters": [{"input": inputs, **flat(inputs, valid_key_types=(str,), valid_value_types=(str, list))} for inputs in FLAT],
    "bodies": [{"input": inputs, **nested(inputs)} for inputs in NESTED],
}

pathlib.Path(__file__).with_name("mappings.json").write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n")
