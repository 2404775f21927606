"""Writes extracted.json and normalized.json: the records that the Python CDK finds in documents, and what it casts them to.

pip install airbyte-cdk==7.39.1, then: python oracle.py
"""

import io
import json
import logging
import tempfile
import os
from copy import deepcopy
from pathlib import Path

import requests
from airbyte_cdk.sources.declarative.decoders import JsonDecoder
from airbyte_cdk.sources.declarative.models import declarative_component_schema as models
from airbyte_cdk.sources.declarative.parsers.model_to_component_factory import ModelToComponentFactory
from airbyte_cdk.sources.utils.transform import TransformConfig, TypeTransformer

logging.disable(logging.CRITICAL)
HERE = Path(__file__).resolve().parent
os.chdir(tempfile.mkdtemp())

CONFIG = {"field": "items", "index": 0}

DOCUMENTS = [
    {"items": [{"id": 1}, {"id": 2}], "data": {"items": [{"id": 3}], "one": {"id": 4}, "none": None, "empty": {}, "zero": 0, "text": "x", "no": []},
     "groups": [{"name": "g", "items": [{"id": 5}, {"id": 6}]}, {"items": []}, {"items": {"id": 7}}, {"other": 1}], "a.b": [{"id": 8}], "b": False},
    [{"items": [{"id": 1}]}, {"items": [{"id": 2}]}],
    {"items": [{"id": 1}, None, 5, "x", [], {}, [{"id": 2}], False]},
    {},
    [],
    {"x": {"items": [{"id": 1, "items": [{"id": 2}]}]}},
]
PATHS = [
    [], ["items"], ["data", "items"], ["data", "one"], ["data", "none"], ["data", "empty"], ["data", "zero"], ["data", "text"], ["data", "no"], ["nope"], ["data", "nope", "x"],
    ["{{ config.field }}"], ["data", "{{ config['field'] }}"], ["groups", "*", "items"], ["groups", "*", "items", "*"], ["*"], ["*", "items"], ["**", "items"], ["**", "id"],
    ["groups", "0", "items"], ["groups", "-1"], ["groups", "{{ config.index }}", "items"], ["item?"], ["it*"], ["[ab]"], ["a.b"], ["b"], ["groups", "[01]", "items"], ["items", "1"], ["x", "**"], ["groups", "*"],
    ["data", "*", "id"], ["**", "items", "*"], ["groups", "*", "*"], ["d*", "one"], ["[!i]*", "items"], ["items", "*", "id"],
]


def dpath(path, **options):
    return {"type": "DpathExtractor", "field_path": path, **options}


def expanded(path, **options):
    return dpath(["items"], record_expander={"type": "RecordExpander", "expand_records_from_field": path, **options})


def parent_field(source, target):
    return {"type": "ParentFieldPath", "parent_path": source, "record_path": target}


INVOICES = {
    "items": [
        {"id": 1, "lines": {"data": [{"id": "a", "n": 1}, {"id": "b", "total": None}], "more": False}, "total": 5, "tags": [1, {"t": 2}]},
        {"id": 2, "lines": {"data": []}},
        {"id": 3, "lines": {"data": "x"}},
        {"id": 4},
        {"id": 5, "lines": {"data": ["text", 5, None, [1], {}]}, "x": {"y": {"z": 1}}},
        {"id": 6, "sections": [{"lines": [{"id": "c"}], "name": "s"}, {"lines": [{"id": "d"}, {"id": "e"}]}, {"lines": 5}, 7]},
        {"id": 7, "sections": [[{"id": "f"}], [{"id": "g"}], {"h": 1}]},
        5, None, "x", [{"id": "h"}],
    ]
}
CONTEXTS = [
    {}, {"remain_original_record": True}, {"on_no_records": "emit_parent"}, {"merge_parent": True}, {"merge_parent": True, "remain_original_record": True, "on_no_records": "emit_parent"},
    {"parent_fields": [parent_field(["id"], ["parent", "id"]), parent_field(["nope"], ["missing"]), parent_field(["tags", "1", "t"], ["t"]), parent_field(["{{ config.field }}"], ["x"])]},
    {"parent_fields": [parent_field(["id"], ["id"])], "merge_parent": True},
    {"parent_fields": [parent_field(["tags"], ["list", "1"]), parent_field(["tags", "-1"], ["last"])]},
]
EXPANSIONS = [["lines", "data"], ["sections", "*", "lines"], ["sections", "*"], ["sections"], ["**", "lines"], ["nope"], [], ["{{ 'lines' }}", "data"], ["sections", "1", "lines"], ["*", "data"]]

COMBINED = [
    {"type": "CombinedExtractor", "mode": mode, "skip_empty_records": skips, "extractors": extractors}
    for mode in ["union", "first_match"]
    for skips in [False, True]
    for extractors in [
        [dpath(["items"]), dpath(["data", "items"])], [dpath(["nope"]), dpath(["data", "no"]), dpath(["data", "one"])], [dpath(["items", "*"]), dpath(["groups", "*", "items", "*"])],
        [dpath(["nope"])], [{"type": "CombinedExtractor", "mode": "first_match", "extractors": [dpath(["nope"]), dpath(["items"])]}, dpath(["data", "items"])],
    ]
] + [
    {"type": "CombinedExtractor", "mode": "first_match", "skip_empty_records": True, "extractors": [dpath(["holes"]), dpath(["items"])]},
    {"type": "CombinedExtractor", "extractors": [dpath(["holes", "*"]), dpath(["items"])], "skip_empty_records": True},
]
HOLES = {"holes": [None, {}, [], "", 0, False], "items": [{"id": 1}, None]}

FILES = [
    "id,name\n1,a\n2,\n", 'id,name\n1,NA\n2,null\n3,None\n4,nan\n5,"N/A"\n6,n/a\n7,NULL\n8,-\n', "", "id,name\n", 'id,name\n1,"a\nb"\n', "id\n1\n\n2\n", "id,name\n1\n", 'id,name\n007,"1,5"\n', "id,näme\n1,é\n", 'id,name\n1, a \n',
    'id,name\n1,"say ""hi"""\n', "id,name\n1,True\n2,1e5\n",
]


def response(body):
    answer = requests.Response()
    answer.status_code = 200
    answer._content = body
    answer.raw = io.BytesIO(body)
    answer.request = requests.Request("GET", "https://api.example.com/").prepare()
    return answer


def create(definition):
    return ModelToComponentFactory(disable_cache=True).create_component(
        getattr(models, definition["type"]), {**definition}, CONFIG, **({} if definition["type"] == "ResponseToFileExtractor" else {"decoder": JsonDecoder(parameters={})})
    )


def run(definition, body):
    try:
        return {"records": list(create(definition).extract_records(response(body)))}
    except Exception as error:
        return {"error": type(error).__name__}


SCHEMA_TYPES = ["string", "number", "integer", "boolean", "array", "object", "null", ["null", "string"], ["integer", "null"], ["number"], ["string", "integer"], ["boolean", "null"], ["array", "null"], []]
VALUES = [
    None, True, False, 0, 1, 5, -3, 1.5, -2.7, 1e-7, 12345678901234567890, "", " ", "1", " 2 ", "1.5", "-1.5e3", "+4", "1_000", "0x10", "007", "abc", "true", "False", "YES", " no ", "off", "2", [], [1, "2"], {}, {"a": 1},
    ".5", "1.", "é", ["x"], "None",
]
# The CDK makes a double of it, which has fewer digits.
LOSSY = [("number", 12345678901234567890), (["number"], 12345678901234567890)]

NORMALIZED = [
    *(({"x": value}, {"properties": {"x": {"type": kind}}}) for kind in SCHEMA_TYPES for value in VALUES if (kind, value) not in LOSSY),
    *(({"x": value}, {"properties": {"x": {"type": kind, "items": items}}}) for kind in ["array", ["array", "null"]] for items in [{}, {"type": "string"}, {"type": ["string"]}, {"type": ["null", "integer"]}, {"type": ["object"]}, {"type": ["object", "string"]}] for value in [None, 1, "1", 1.5, True, ["1", 2, None], {"a": 1}, []]),
    ({"x": {"y": {"z": "1", "other": 2}}, "n": 1}, {"type": "object", "properties": {"x": {"type": "object", "properties": {"y": {"type": ["object", "null"], "properties": {"z": {"type": "integer"}}}}}}}),
    ({"x": [{"y": "1"}, {"y": 2}, 3]}, {"properties": {"x": {"type": "array", "items": {"type": "object", "properties": {"y": {"type": "integer"}}}}}}),
    ({"x": [["1"], [2, None]]}, {"properties": {"x": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}}}),
    ({"x": "5"}, {"properties": {"x": {"anyOf": [{"type": "integer"}]}}}), ({"x": "5"}, {"properties": {"x": {}}}), ({"x": "5"}, {}), ({"x": "1"}, {"properties": {"x": {"properties": {"y": {"type": "integer"}}}}}),
    ({"x": {"y": "1"}}, {"properties": {"x": {"properties": {"y": {"type": "integer"}}}}}), ({"x": ["1"]}, {"properties": {"x": {"items": {"type": "integer"}}}}), ({"x": "2026-01-01T00:00:00Z"}, {"properties": {"x": {"type": "string", "format": "date-time"}}}),
]


def normalize(record, schema):
    record = deepcopy(record)
    try:
        TypeTransformer(TransformConfig.DefaultSchemaNormalization).transform(record, schema)
        return {"result": record}
    except Exception as error:
        return {"error": type(error).__name__}


def write(name, cases):
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / name).write_text(f"[\n{text}\n]\n")


def main():
    extractions = [
        *((dpath(path), json.dumps(document)) for path in PATHS for document in DOCUMENTS),
        *((expanded(path, **context), json.dumps(INVOICES)) for path in EXPANSIONS for context in CONTEXTS),
        *((combined, json.dumps(document)) for combined in COMBINED for document in [*DOCUMENTS[:3], HOLES]),
        *(({"type": "ResponseToFileExtractor", **options}, body) for options in [{}, {"preserve_na_values": True}] for body in FILES),
    ]
    write("extracted.json", [{"extractor": definition, "body": body, **run(definition, body.encode())} for definition, body in extractions])
    write("normalized.json", [{"record": record, "schema": schema, **normalize(record, schema)} for record, schema in NORMALIZED])


main()
