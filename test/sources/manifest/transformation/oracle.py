"""Writes tables.json: what the Python CDK's transformations make of records.

pip install airbyte-cdk==7.39.1, then: python oracle.py
"""

import json
import logging
from copy import deepcopy
from pathlib import Path

from airbyte_cdk.sources.declarative.models import declarative_component_schema as models
from airbyte_cdk.sources.declarative.parsers.model_to_component_factory import ModelToComponentFactory
from airbyte_cdk.sources.types import StreamSlice

logging.disable(logging.CRITICAL)

CONFIG = {"name": "n", "index": 1}
SLICE = {"partition": {"id": 7}, "cursor_slice": {"start_time": "2026-01-01", "end_time": "2026-02-01"}}

NESTED = {
    "id": 1,
    "a": {"b": {"c": 1, "d": [1, 2, {"e": None}]}, "f": "x"},
    "list": [{"k": 1}, {"k": 2}, {"k": 3}],
    "numbers": [1, 2, 3],
    "empty": {},
    "none": None,
    "a.b": "dot",
}


def add(path, value, **others):
    return {"type": "AddFields", "fields": [{"type": "AddedFieldDefinition", "path": path, "value": value, **others}]}


def remove(*pointers, **others):
    return {"type": "RemoveFields", "field_pointers": list(pointers), **others}


def flatten(path, **others):
    return {"type": "DpathFlattenFields", "field_path": path, **others}


VALUES = [
    "1", "1.5", "1e5", "007", "1_000", "1, 2", "[1]", "{'a': 1}", "'q'", "true", "True", "None", "", " 5", "a b", "2+3",
    "{{ 5 }}", "{{ 2.50 }}", "{{ true }}", "{{ none }}", "{{ missing }}", "{{ record.id }}", "{{ record.none }}",
    "{{ record.a.b.d }}", "{{ record['a'] }}", "{{ record.nothing }}", "{{ stream_slice.id }}", "{{ stream_slice.start_time }}",
    "{{ stream_partition }}", "{{ stream_slice['id'] ~ '-' ~ record['id'] }}", "{{ config.name }}", "{{ 'a' if record.id == 1 else 'b' }}",
]

TRANSFORMATIONS = [
    *(add(["new"], value) for value in VALUES),
    *(add(["new"], value, value_type=kind) for kind in ["string", "number", "integer", "boolean"] for value in VALUES[:24]),
    *(
        add(path, "v")
        for path in [
            ["a", "b", "new"], ["a", "x", "y"], ["x", "0", "y"], ["x", "2"], ["list", "0", "k"], ["list", "5", "k"], ["list", "k"],
            ["numbers", "1"], ["numbers", "6"], ["numbers", "0", "x"], ["none", "x"], ["id", "x"], ["a", "f", "x"], ["list", "-1"],
            ["list", "1"], ["*"], ["a", "*"], ["a.b"], ["empty", "0"], ["empty", "x", "1", "y"], ["numbers", "4", "y"], ["list", "0", "k", "x"],
            ["numbers", "01"],
        ]
    ),
    {"type": "AddFields", "fields": [{"type": "AddedFieldDefinition", "path": ["p"], "value": "{{ record.id }}"},
                                     {"type": "AddedFieldDefinition", "path": ["q"], "value": "{{ record.p + 1 }}"}]},
    *(
        add(["new"], "{{ record.id }}", condition=condition)
        for condition in ["{{ record.id == 1 }}", "{{ value == 2 }}", "{{ value == 1 }}", "{{ path[0] == 'new' }}", "", "{{ false }}",
                          "{{ record.nope }}", "{{ record.a }}", "false", "no", "0", "{{ [] }}"]
    ),
    *(
        remove(*pointers)
        for pointers in [
            [["id"]], [["a", "b", "c"]], [["a", "b"]], [["list", "0"]], [["list", "2"]], [["list", "-1"]], [["list", "*", "k"]],
            [["list", "*"]], [["*"]], [["**"]], [["**", "k"]], [["a", "**"]], [["a", "*"]], [["a.b"]], [["n*"]], [["[ai]*"]],
            [["[!a]*"]], [["nope"]], [["nope", "x"], ["id"]], [["list", "k"]], [["none"]], [["none", "x"]], [["id", "x"]],
            [["numbers", "?"]], [["numbers", "[02]"]], [["numbers", "0"], ["numbers", "1"]], [["list", "1"], ["list", "2"]], [["a", "**", "e"]],
            [["[]"]], [["[z-a]"]], [["**", "d", "*"]], [["numbers", "01"]], [["numbers", "1"], ["numbers", "2"]],
        ]
    ),
    *(
        remove(*pointers, condition=condition)
        for pointers in [[["id"]], [["*"]], [["nope"], ["x"]], []]
        for condition in ["{{ property == 1 }}", "{{ property == none }}", "{{ property is string }}", "{{ property }}", "", "{{ record }}", "{{ property > 1 if property is number }}"]
    ),
    {"type": "KeysToLower"},
    {"type": "KeysToSnakeCase"},
    *(
        {"type": "KeysReplace", "old": old, "new": new}
        for old, new in [("a", "b"), (" ", "_"), ("{{ config.name }}", "x"), ("{{ record.id }}", "one"), ("o", ""), ("$&", "x"), ("k", "$&"), ("b", "a")]
    ),
    {"type": "FlattenFields"},
    {"type": "FlattenFields", "flatten_lists": False},
    *(
        flatten(path, **options)
        for path in [["a"], ["a", "b"], ["list", "0"], ["list", "*"], ["*"], ["list"], ["nope"], ["empty"], ["none"], ["id"], ["a", "*"], ["**", "b"], ["l?st"], ["list", "-1"], ["a", "{{ config.name }}"], ["list", "{{ config.index }}"]]
        for options in [
            {}, {"delete_origin_value": True}, {"replace_record": True}, {"delete_origin_value": True, "replace_record": True},
            {"key_transformation": {"type": "KeyTransformation", "prefix": "{{ config.name }}_", "suffix": "_s"}},
        ]
    ),
]

KEYS = [
    "FullName", "fullName", "HTTPServer2Go", "a b", " a ", "a  b", "_a", "__a__", "a-b.c", "1st", "a1b2", "ABC", "Ünï", "straße", "Ærø", "naïve café",
    "x²", "№ 5", "Имя", "Щука", "йод", "Ελλάδα", "Łódź", "İstanbul", "a™b", "µm", "€ price", "100%", "%", "", "-", "--", "a-", "-a", "1", "1-2", "é", "e\u0301",
    "camelCaseX", "with-dash", "with.dot", "UPPER_CASE", "mixedUP_Case9", "ΑΣ", "ﬁn", "Ⅷ", "½ cup", "a/b", "ID", "userIDs", "a\u00a0b",
]
RECORDS = [
    NESTED,
    {},
    {"x": {"id": 1, "y": {"id": 2, "z": {"id": 3}}}, "id": 0},
    {"list": [[1, 2], [{"id": 1}, {"id": 2}], []], "id": 9, "nested": {"list": {"id": 8}}, "o": {"p": {}}},
    {"Full Name": 1, "A": {"B C": 2, "list": [{"D": 1}]}, "b": 3, "a": 4, "$&": 5, "k": {"kk": 1}},
]
ONLY_FIRST = {"AddFields", "RemoveFields"}


def run(transformation, record):
    component = ModelToComponentFactory(disable_cache=True).create_component(
        getattr(models, transformation["type"]), {**transformation}, CONFIG
    )
    record = deepcopy(record)
    try:
        component.transform(record, config=CONFIG, stream_slice=StreamSlice(**SLICE))
        return {"result": record}
    except Exception as error:
        return {"error": type(error).__name__}


def main():
    cases = []
    for transformation in TRANSFORMATIONS:
        for record in RECORDS[: 1 if transformation["type"] in ONLY_FIRST else None]:
            # Which of two fields that get the same name stays is not defined there.
            if transformation["type"] != "KeysToLower" or "b" not in record:
                cases.append({"transformation": transformation, "record": record, **run(transformation, record)})
    for kind in ["KeysToSnakeCase", "KeysToLower"]:
        for key in KEYS:
            cases.append({"transformation": {"type": kind}, "record": {key: 1}, **run({"type": kind}, {key: 1})})
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    Path(__file__).with_name("tables.json").write_text(f"[\n{text}\n]\n")


main()
