"""Decoders, transformations, selectors, partition routers, dynamic streams, asynchronous jobs."""

import gzip
import io
import json
import zipfile

from own_support import BASE, case, deep, items, manifest, rows, stream

LINES = '{"id":1,"n":9007199254740993}\n\n{"id":2,"n":null,"s":"Zoë 🎉"}\n'
CSV = 'id,name,note\n1,"Zoë, Ünïcode",\n2,"say ""hi""",NULL\n3,two\nlines,N/A\n4,"a\nb",x\n5,extra,y,z\n'
XML = '<?xml version="1.0"?><root><meta count="2"/><item id="1"><name>Zoë</name><tag>a</tag><tag>b</tag></item><item id="2"><name/><tag>c</tag><deep a="x">text</deep></item></root>'


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items():
            z.writestr(zipfile.ZipInfo(name.replace("__", "."), (2026, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def packed(text):
    return gzip.compress(text.encode(), mtime=0)


def decoded(name, decoder, field_path=()):
    return stream(name, field_path=field_path, retriever={"decoder": decoder})


JSON, JSONL = {"type": "JsonDecoder"}, {"type": "JsonlDecoder"}
case(
    "decoders",
    manifest(
        [
            decoded("json_list", JSON),
            decoded("json_object", JSON),
            decoded("json_scalar", JSON),
            decoded("json_deep", JSON, ["a", "*", "b"]),
            decoded("json_numbers", JSON, ["items"]),
            decoded("jsonl", JSONL),
            decoded("jsonl_path", JSONL, ["data"]),
            decoded("json_items", {"type": "JsonItemsDecoder", "items_path": "data.items"}),
            decoded("xml", {"type": "XmlDecoder"}, ["root", "item"]),
            decoded("xml_one", {"type": "XmlDecoder"}, ["root", "item"]),
            decoded("csv", {"type": "CsvDecoder"}),
            decoded("csv_other", {"type": "CsvDecoder", "delimiter": "\\t", "encoding": "latin-1", "set_values_to_none": ["", "NULL"]}),
            decoded("gzip_json", {"type": "GzipDecoder", "decoder": JSON}, ["items"]),
            decoded("gzip_jsonl", {"type": "GzipDecoder", "decoder": JSONL}),
            decoded("gzip_csv", {"type": "GzipDecoder", "decoder": {"type": "CsvDecoder", "delimiter": ";"}}),
            decoded("gzip_gzip", {"type": "GzipDecoder", "decoder": {"type": "GzipDecoder", "decoder": JSONL}}),
            decoded("gzip_plain", {"type": "GzipDecoder", "decoder": JSONL}),
            decoded("zip_json", {"type": "ZipfileDecoder", "decoder": JSON}, ["items"]),
            decoded("zip_csv", {"type": "ZipfileDecoder", "decoder": {"type": "CsvDecoder"}}),
            decoded("iterable", {"type": "IterableDecoder"}),
        ]
    ),
    {},
    [
        "json_list",
        {"stream": "json_list", "case": "an empty list", "routes": {"/json_list": ["[]"]}},
        {"stream": "json_list", "case": "an empty body", "routes": {"/json_list": [""]}, "fails": True},
        {"stream": "json_list", "case": "not JSON", "routes": {"/json_list": ["<html>"]}, "fails": True},
        {"stream": "json_list", "case": "204 without a body", "routes": {"/json_list": [(204, {}, b"")]}, "fails": True},
        {"stream": "json_list", "case": "entries that are not objects", "routes": {"/json_list": ['[{"id":1},2,"x",null]']}, "fails": True},
        "json_object", {"stream": "json_scalar", "fails": True}, "json_deep", "json_numbers", "jsonl", "jsonl_path", "json_items", "xml", "xml_one", "csv", "csv_other",
        "gzip_json", "gzip_jsonl", "gzip_csv", "gzip_gzip", "gzip_plain", "zip_json",
        {"stream": "zip_json", "case": "not a zip file", "routes": {"/zip_json": [b"PK no"]}, "fails": True},
        "zip_csv", "iterable",
    ],
    {
        "/json_list": ['[{"id":1,"a":{"b":[1,2.50,1e3,-0,true,null]}},{"id":2,"s":"\\u00e9\\ud83c\\udf89 🎉"}]'],
        "/json_object": ['{"id":1,"items":[{"id":2}]}'],
        "/json_scalar": ["5"],
        "/json_deep": ['{"a":[{"b":{"id":1}},{"c":2},{"b":{"id":3}}]}'],
        "/json_numbers": ['{"items":[{"id":9007199254740993,"big":123456789012345678901234567890,"float":1.0,"exp":1E+2,"neg":-0.0,"small":1e-7,"money":19.990}]}'],
        "/jsonl": [(200, {"content-type": "application/x-ndjson"}, LINES)],
        "/jsonl_path": [(200, {"content-type": "application/x-ndjson"}, '{"data":{"id":1}}\n{"data":[{"id":2},{"id":3}]}\n{"other":1}\n')],
        "/json_items": ['{"meta":1,"data":{"items":[{"id":1},{"id":9007199254740993,"f":1.50}],"more":[]}}'],
        "/xml": [(200, {"content-type": "application/xml"}, XML)],
        "/xml_one": [(200, {"content-type": "application/xml"}, '<root><item id="1"><a>1</a></item></root>')],
        "/csv": [(200, {"content-type": "text/csv"}, CSV)],
        "/csv_other": [(200, {"content-type": "text/csv"}, "id\tname\tnone\n1\tZo\u00eb\tNULL\n2\t\tx\n".encode("latin-1"))],
        "/gzip_json": [(200, {"content-type": "application/gzip"}, packed('{"items":[{"id":1}]}'))],
        "/gzip_jsonl": [(200, {"content-encoding": "gzip", "content-type": "application/x-ndjson"}, packed(LINES))],
        "/gzip_csv": [(200, {"content-type": "application/octet-stream"}, packed("id;a\n1;x\n2;\n"))],
        "/gzip_gzip": [(200, {"content-type": "application/gzip"}, gzip.compress(packed(LINES), mtime=0))],
        "/gzip_plain": [(200, {"content-type": "application/json"}, LINES)],
        "/zip_json": [zipped(a__json='{"items":[{"id":1}]}', b__json='{"items":[{"id":2},{"id":3}]}')],
        "/zip_csv": [zipped(a__csv="id,v\n1,x\n", b__csv="id,w\n2,y\n")],
        "/iterable": ["one\ntwo\n\nthree"],
    },
)

MIXED = [
    {"ID": 1, "FullName": "A b", "user-address": {"Street Name": "x", "geo": {"Lat": 1, "lon": None}}, "TagsList": [{"A": 1}, {"A": 2}], "HTTPServer2Go": 1, "snake_already": 1, "with space": 2, "Ünï": 3, "1st": 4, "a.b": 5, "empty": {}, "none": None, "list": [], "__dunder": 6, "camelCaseX": 7, "ABC": 8},
]


def changed(name, *transformations, **kw):
    return stream(name, path="/mixed", transformations=list(transformations), **kw)


ADD = lambda path, value, kind=None, **kw: {"type": "AddFields", "fields": [{"type": "AddedFieldDefinition", "path": path, "value": value, **({"value_type": kind} if kind else {})}], **kw}
DPATH = lambda path, **kw: {"type": "DpathFlattenFields", "field_path": path, **kw}
REMOVE = lambda *paths, **kw: {"type": "RemoveFields", "field_pointers": list(paths), **kw}
case(
    "transformations",
    manifest(
        [
            changed("lower", {"type": "KeysToLower"}),
            changed("snake", {"type": "KeysToSnakeCase"}),
            changed("replace", {"type": "KeysReplace", "old": "e", "new": "_{{ config['x'] }}_"}),
            changed("replace_param", {"type": "KeysReplace", "old": "{{ record['FullName'][0] }}", "new": ""}),
            changed("flatten", {"type": "FlattenFields"}),
            changed("flatten_no_lists", {"type": "FlattenFields", "flatten_lists": False}),
            changed("dpath", DPATH(["user-address"])),
            changed("dpath_delete", DPATH(["user-address", "geo"], delete_origin_value=True)),
            changed("dpath_replace", DPATH(["user-address"], replace_record=True)),
            changed("dpath_prefix", DPATH(["user-address"], delete_origin_value=True, key_transformation={"type": "KeyTransformation", "prefix": "p_{{ config['x'] }}_", "suffix": "_s"})),
            changed("dpath_star", DPATH(["*", "geo"])),
            changed("dpath_conflict", DPATH(["conflict"])),
            changed("dpath_missing", DPATH(["nothing", "here"], delete_origin_value=True)),
            changed(
                "add",
                ADD(["plain"], "text {{ record['ID'] }}"),
                ADD(["number"], "{{ record['ID'] + 1 }}"),
                ADD(["string"], "{{ record['ID'] }}", "string"),
                ADD(["integer"], "{{ '7' }}", "integer"),
                ADD(["float"], "{{ '7' }}", "number"),
                ADD(["boolean"], "{{ 'x' }}", "boolean"),
                ADD(["nested", "deeper", "x"], "{{ config['x'] }}"),
                ADD(["nested", "again"], "{{ record['nested']['deeper']['x'] }}{{ record.plain }}"),
                ADD(["list"], "{{ [1, 'a', None] }}"),
                ADD(["object"], "{{ {'a': record.ID} }}"),
                ADD(["none"], "{{ record['missing'] }}"),
                ADD(["none_literal"], "{{ none }}"),
                ADD(["true_text"], "{{ 'true' }}"),
                ADD(["quoted"], "{{ \"'q'\" }}"),
                ADD(["zeros"], "{{ '007' }}"),
                ADD(["ID"], "{{ record['ID'] * 10 }}"),
                ADD(["tuple"], "1, 2"),
                ADD(["leading"], " {{ 5 }}"),
                ADD(["exp"], "1e5"),
                ADD(["underscore"], "1_000"),
                ADD(["expr"], "2+3"),
                ADD(["slice"], "{{ stream_slice }}"),
                ADD(["partition"], "{{ stream_partition.get('x') }}"),
                ADD(["interval"], "{{ stream_interval }}"),
                ADD(["user-address", "Street Name"], "replaced"),
            ),
            changed("add_condition", ADD(["yes"], "1", condition="{{ record['ID'] == 1 }}"), ADD(["no"], "1", condition="{{ record['ID'] == 2 }}"), ADD(["each"], "{{ property }}", condition="{{ value }}")),
            changed("remove", REMOVE(["ID"], ["user-address", "geo", "Lat"], ["nothing"], ["TagsList", "A"])),
            changed("remove_star", REMOVE(["*", "geo"], ["**", "A"])),
            changed("remove_condition", REMOVE(["**"], condition="{{ property is none }}")),
            changed("remove_condition_typed", REMOVE(["*"], condition="{{ property == 1 or property == 8 }}")),
            changed("order", {"type": "KeysToLower"}, ADD(["seen"], "{{ record['id'] }}-{{ record['ID'] }}"), REMOVE(["id"])),
            changed("filtered_before", ADD(["keep"], "{{ record['ID'] == 2 }}"), selector={"record_filter": {"type": "RecordFilter", "condition": "{{ record.get('keep', 'unset') == 'unset' }}"}}),
            changed("filtered_after", ADD(["keep"], "{{ record['ID'] == 2 }}"), selector={"transform_before_filtering": True, "record_filter": {"type": "RecordFilter", "condition": "{{ record['keep'] }}"}}),
        ]
    ),
    {"x": "X"},
    ["lower", "snake", "replace", "replace_param", "flatten", "flatten_no_lists", "dpath", "dpath_delete", "dpath_replace", "dpath_prefix", "dpath_star",
     {"stream": "dpath_conflict", "routes": {"/mixed": [items({"id": 1, "conflict": {"id": 2, "x": 3}}, {"id": 2, "conflict": "text"}, {"id": 3, "conflict": [{"y": 1}]}, {"id": 4, "conflict": None})]}},
     "dpath_missing", "add", "add_condition", "remove", "remove_star", "remove_condition", "remove_condition_typed", "order", "filtered_before", "filtered_after"],
    {"/mixed": [items(*MIXED)]},
)

PARTS = {"type": "ListPartitionRouter", "cursor_field": "part", "values": ["a", "b c", "d/é"]}
DATED = {
    "type": "DatetimeBasedCursor",
    "cursor_field": "updated",
    "datetime_format": "%Y-%m-%d",
    "start_datetime": "2026-02-20",
    "end_datetime": "2026-02-23",
    "step": "P2D",
    "cursor_granularity": "P1D",
}


def filtered(name, condition, **kw):
    return stream(name, path="/rows", selector={"record_filter": {"type": "RecordFilter", "condition": condition}}, **kw)


case(
    "record-filter",
    manifest(
        [
            filtered("by_record", "{{ record.n > 2 and record['s'] is not none }}"),
            filtered("by_slice", "{{ record.part == stream_slice.part or record.part == stream_partition['part'] }}", retriever={"partition_router": PARTS}),
            filtered("by_interval", "{{ record.updated >= stream_interval.start_time and record.updated <= stream_interval['end_time'] }}", incremental_sync=DATED),
            filtered("by_slice_interval", "{{ record.updated >= stream_slice.start_time }}", incremental_sync=DATED),
            filtered("by_state", "{{ record.updated > stream_state.get('updated', '2026-02-20') }}", incremental_sync=DATED),
            filtered("by_config", "{{ record.n in config['wanted'] }}"),
            filtered("by_token", "{{ next_page_token is none or not next_page_token }}", retriever={"paginator": {"type": "DefaultPaginator", "page_token_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "page"}, "pagination_strategy": {"type": "PageIncrement", "page_size": 4}}}),
            filtered("no_condition", ""),
            filtered("constant_false", "False"),
            filtered("text", "{{ record.s }}"),
            filtered("zero", "{{ record.n - 1 }}"),
            filtered("broken", "{{ record.n > record.missing.deeper }}"),
            filtered("empty_list", "{{ record.tags }}"),
            filtered("dates", "{{ format_datetime(record.updated, '%s') | int > format_datetime('2026-02-21', '%s') | int }}"),
        ]
    ),
    {"wanted": [1, 3]},
    ["by_record", "by_slice", {"stream": "by_interval", "then": [{}]}, "by_slice_interval", {"stream": "by_state", "fails": True}, "by_config", "by_token", "no_condition", "constant_false", "text", "zero",
     {"stream": "broken", "fails": True}, "empty_list", "dates"],
    {"/rows": lambda r: items() if r.query.get("page", "0") > "1" else items(
        {"id": 1, "n": 1, "s": "x", "part": "a", "updated": "2026-02-20", "tags": []},
        {"id": 2, "n": 2, "s": None, "part": "b c", "updated": "2026-02-21", "tags": [1]},
        {"id": 3, "n": 3, "s": "", "part": "a", "updated": "2026-02-22", "tags": None},
        {"id": 4, "n": 4, "s": "False", "part": "d/é", "updated": "2026-02-23", "tags": {"a": 1}},
    )},
)

case(
    "record-expander",
    manifest(
        [
            stream(n, path="/invoices", selector={"extractor": {"type": "DpathExtractor", "field_path": ["items"], "record_expander": {"type": "RecordExpander", **e}}})
            for n, e in {
                "lines": {"expand_records_from_field": ["lines", "data"]},
                "lines_with_parent": {"expand_records_from_field": ["lines", "data"], "remain_original_record": True},
                "lines_or_parent": {"expand_records_from_field": ["lines", "data"], "on_no_records": "emit_parent"},
                "every": {"expand_records_from_field": ["sections", "*", "items"]},
            }.items()
        ]
    ),
    {},
    ["lines", "lines_with_parent", "lines_or_parent", "every",
     {"stream": "lines_with_parent", "case": "entries that are not objects", "routes": {"/invoices": [items({"id": 5, "lines": {"data": ["text", 5, {"id": "l5"}]}})]}},
     {"stream": "lines", "case": "entries that are not objects", "fails": True, "routes": {"/invoices": [items({"id": 5, "lines": {"data": ["text", 5, {"id": "l5"}]}})]}}],
    {"/invoices": [items(
        {"id": 1, "lines": {"data": [{"id": "l1"}, {"id": "l2"}]}, "sections": [{"items": [{"id": "s1"}]}, {"items": [{"id": "s2"}, {"id": "s3"}]}]},
        {"id": 2, "lines": {"data": []}, "sections": []},
        {"id": 3},
        {"id": 4, "lines": {"data": {"id": "l4"}}, "sections": {"a": {"items": [{"id": "s4"}]}}},
                {"id": 6, "lines": None},
    )]},
)

SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "int": {"type": "integer"},
        "int_or_null": {"type": ["null", "integer"]},
        "number": {"type": "number"},
        "bool": {"type": ["boolean", "null"]},
        "text": {"type": ["string", "null"]},
        "list": {"type": "array", "items": {"type": "integer"}},
        "object": {"type": "object", "properties": {"n": {"type": "number"}, "s": {"type": "string"}}},
        "several": {"type": ["integer", "string"]},
        "any": {},
        "one_of": {"oneOf": [{"type": "string"}, {"type": "object"}]},
    },
}
case(
    "normalization",
    manifest([
        stream("typed", path="/typed", schema=SCHEMA, selector={"schema_normalization": "Default"}),
        stream("untouched", path="/typed", schema=SCHEMA, selector={"schema_normalization": "None"}),
        stream("typed_after", path="/typed", schema=SCHEMA, selector={"schema_normalization": "Default"}, transformations=[ADD(["int"], "{{ '12' }}", "string"), ADD(["new"], "{{ '5' }}")]),
    ]),
    {},
    ["typed", "untouched", "typed_after"],
    {"/typed": [items(
        {"id": 5, "int": "7", "int_or_null": "8", "number": "1.50", "bool": "true", "text": 1, "list": ["1", 2], "object": {"n": "2", "s": 3}, "several": "5", "any": 1, "one_of": 1, "extra": "9"},
        {"id": True, "int": 7.9, "int_or_null": None, "number": 1, "bool": "no", "text": True, "list": "4", "object": "x", "several": 5.5, "any": "1", "one_of": {"a": 1}},
        {"id": None, "int": "", "int_or_null": "x", "number": "1,5", "bool": 1, "text": {"a": 1}, "list": None, "object": None, "several": None},
        {"id": 1.0, "int": "9007199254740993", "number": "1e3", "bool": "off", "text": [1], "list": [None, "x"], "object": {"n": None, "extra": "1"}},
        {"int": True, "number": True, "bool": 0, "text": 1.5, "int_or_null": "7.5"},
    )]},
)


def parent(name, path=None, key="id", field="parent_id", over=None, **kw):
    return {"type": "ParentStreamConfig", "stream": deep(stream(name, path), over or {}), "parent_key": key, "partition_field": field, **kw}


def substream(*parents):
    return {"type": "SubstreamPartitionRouter", "parent_stream_configs": list(parents)}


def parted(name, router, path="/echo", add=True, **kw):
    if add:
        kw = {"transformations": [ADD(["part"], "{{ stream_partition }}", "string"), ADD(["slice"], "{{ stream_slice }}", "string"), ADD(["extra"], "{{ stream_slice.extra_fields }}", "string")], **kw}
    retriever = {"partition_router": router, **kw.pop("retriever", {})}
    return stream(name, path=path, retriever=retriever, **kw)


OPTION = lambda where, field=None, **kw: {"type": "RequestOption", "inject_into": where, **({"field_name": field} if field else {}), **kw}
LIST = lambda field, values, option=None: {"type": "ListPartitionRouter", "cursor_field": field, "values": values, **({"request_option": option} if option else {})}
ECHO = {"/echo": lambda r: items({"id": 1, "sent": r.text, "asked": r.query})}
PARENTS = items({"id": 1, "name": "one", "deep": {"key": "k1", "list": [{"x": 1}]}, "kids": [{"kid": 11}, {"kid": 12}]}, {"id": "two /é?", "name": None, "deep": {"key": "k2"}, "kids": []}, {"name": "no id", "deep": {}}, {"id": 1, "name": "again", "deep": {"key": "k3"}, "kids": [{"kid": 13}]}, {"id": None, "deep": {"key": None}}, {"id": 0, "deep": {"key": ""}})
case(
    "partitions",
    manifest(
        [
            parted("list_param", LIST("section", ["a", "b c", "d&e=é"], OPTION("request_parameter", "section"))),
            parted("list_header", LIST("section", ["a", "b"], OPTION("header", "X-Section"))),
            parted("list_json", LIST("section", ["a", "b"], OPTION("body_json", "section")), requester={"http_method": "POST", "request_body_json": {"fixed": 1}}),
            parted("list_json_path", LIST("section", ["a", "b"], OPTION("body_json", field_path=["filter", "section"])), requester={"http_method": "POST", "request_body_json": {"filter": {"other": True}}}),
            parted("list_data", LIST("section", ["a", "b c"], OPTION("body_data", "section")), requester={"http_method": "POST", "request_body_data": {"fixed": "1"}}),
            parted("list_path", LIST("section", ["a", "b c", "d/é?x=1", "%41"]), path="/echo/{{ stream_partition.section }}/{{ stream_slice['section'] }}"),
            parted("list_config", LIST("section", "{{ config['sections'] }}", OPTION("request_parameter", "{{ config['field'] }}"))),
            parted("list_numbers", LIST("{{ config['field'] }}", "{{ [1, 2] }}", OPTION("request_parameter", "n"))),
            parted("two_lists", [LIST("a", ["1", "2"], OPTION("request_parameter", "a")), LIST("b", ["x", "y"], OPTION("request_parameter", "b"))]),
            parted("sub", substream(parent("parents")), path="/echo/{{ stream_partition.parent_id }}"),
            parted("sub_option", substream(parent("parents", request_option=OPTION("request_parameter", "p")))),
            parted("sub_nested", substream(parent("parents", key="deep/key")), path="/echo/{{ stream_slice.parent_id }}"),
            parted("sub_extra", substream(parent("parents", extra_fields=[["name"], ["deep", "key"], ["missing"]])), path="/echo"),
            parted("sub_two", substream(parent("parents", field="pid"), parent("others", "/others", field="oid")), path="/echo"),
            parted("sub_of_sub", substream({**parent("children", field="child"), "stream": parted("children", substream(parent("parents")), path="/children/{{ stream_partition.parent_id }}", add=False)}), path="/echo/{{ stream_partition.child }}/{{ stream_partition.parent_slice.parent_id }}"),
            parted("sub_and_list", [substream(parent("parents")), LIST("kind", ["x", "y"])], path="/echo/{{ stream_partition.kind }}"),
            parted("list_and_sub", [LIST("kind", ["x", "y"]), substream(parent("parents"))], path="/echo/{{ stream_partition.kind }}"),
            parted("same_field", [LIST("kind", ["x", "y"]), LIST("kind", ["1", "2"])], path="/echo/{{ stream_partition.kind }}"),
            parted("sub_pages", substream(parent("paged", "/paged", over={"retriever": {"paginator": {"type": "DefaultPaginator", "page_token_option": OPTION("request_parameter", "page"), "pagination_strategy": {"type": "PageIncrement", "page_size": 2, "start_from_page": 1}}}}))),
            parted("sub_filtered", substream(parent("parents", over={"retriever": {"record_selector": {"record_filter": {"type": "RecordFilter", "condition": "{{ record.name == 'one' }}"}}}, "transformations": [ADD(["id"], "t-{{ record.id }}")]}))),
            parted("sub_lazy", substream(parent("parents", key="kid", field="kid", lazy_read_pointer=["kids"], over={"retriever": {"paginator": {"type": "DefaultPaginator", "page_token_option": OPTION("request_parameter", "after"), "pagination_strategy": {"type": "CursorPagination", "cursor_value": "{{ response.get('next') }}"}}}})), path="/parents/{{ stream_partition.parent_slice }}"),
            parted("sub_none", substream(parent("none", "/none"))),
            parted("sub_failing", substream(parent("failing", "/failing"))),
            parted("grouped", {"type": "GroupingPartitionRouter", "group_size": 2, "underlying_partition_router": LIST("s", ["a", "b", "a", "c", "d"])}, requester={"request_parameters": {"ids": "{{ stream_partition['s'] | join(',') }}", "raw": "{{ stream_partition.s }}"}}),
            parted("grouped_twice", {"type": "GroupingPartitionRouter", "group_size": 2, "deduplicate": False, "underlying_partition_router": LIST("s", ["a", "b", "a", "c"])}, requester={"request_body_json": {"ids": "{{ stream_partition['s'] }}"}, "http_method": "POST"}),
            parted("grouped_sub", {"type": "GroupingPartitionRouter", "group_size": 10, "underlying_partition_router": substream(parent("parents", extra_fields=[["name"]]))}, requester={"request_parameters": {"ids": "{{ stream_slice.parent_id | join('|') }}", "names": "{{ stream_slice.extra_fields }}"}}),
            parted("union", {"type": "UnionPartitionRouter", "partition_field": "pid", "partition_routers": [LIST("pid", ["1", "9"]), substream(parent("parents", field="pid"))]}, path="/echo"),
        ]
    ),
    {"sections": ["s1", "s2"], "field": "sec"},
    ["list_param", "list_header", "list_json", "list_json_path", "list_data", "list_path", "list_config", "list_numbers", "two_lists", "sub", "sub_option", "sub_nested", "sub_extra", "sub_two", "sub_of_sub",
     "sub_and_list", "list_and_sub", "same_field", "sub_pages", "sub_filtered", "sub_lazy", "sub_none", {"stream": "sub_failing", "fails": True}, "grouped", "grouped_twice", "grouped_sub", "union",
     {"stream": "sub", "case": "one partition of several fails", "fails": True, "routes": {"/echo/1": [(404, {}, {"error": "gone"})]}}],
    {
        **ECHO,
        "/parents": [PARENTS],
        "/others": [items({"id": 7}, {"id": 8})],
        "/paged": lambda r: items(*rows(2 if r.query.get("page", "1") == "1" else 1, int(r.query.get("page", "1")) * 10)),
        "/none": [items()],
        "/failing": [(403, {}, {"error": "no"})],
        "/children/1": [items({"id": "c1"}, {"id": "c2"})],
        "*": lambda r: items({"id": r.path}),
    },
)

case(
    "dynamic-streams",
    manifest(
        [stream("plain", path="/plain")],
        dynamic_streams=[
            {
                "type": "DynamicDeclarativeStream",
                "name": "tables",
                "stream_template": {**stream("template", path="TO_SET", requester={"$parameters": {}, "request_parameters": {"v": "fixed"}}), "$parameters": {"entity": "TO_SET"}},
                "components_resolver": {
                    "type": "HttpComponentsResolver",
                    "retriever": stream("x", path="/tables")["retriever"],
                    "components_mapping": [
                        {"type": "ComponentMappingDefinition", "field_path": ["name"], "value": "{{ components_values['name'] }}"},
                        {"type": "ComponentMappingDefinition", "field_path": ["retriever", "requester", "path"], "value": "/tables/{{ components_values['id'] }}"},
                        {"type": "ComponentMappingDefinition", "field_path": ["retriever", "requester", "request_parameters", "v"], "value": "{{ components_values['version'] }}", "value_type": "string"},
                        {"type": "ComponentMappingDefinition", "field_path": ["retriever", "requester", "request_headers"], "value": "{{ {'X-T': components_values['id']} }}", "create_or_update": True},
                        {"type": "ComponentMappingDefinition", "field_path": ["primary_key"], "value": "{{ components_values['keys'] }}"},
                    ],
                },
            },
            {
                "type": "DynamicDeclarativeStream",
                "name": "from config",
                "stream_template": stream("template2", path="TO_SET"),
                "components_resolver": {
                    "type": "ConfigComponentsResolver",
                    "stream_config": {"type": "StreamConfig", "configs_pointer": ["reports"], "default_values": [{"name": "default report", "path": "d"}]},
                    "components_mapping": [
                        {"type": "ComponentMappingDefinition", "field_path": ["name"], "value": "{{ components_values['name'] }}"},
                        {"type": "ComponentMappingDefinition", "field_path": ["retriever", "requester", "path"], "value": "/reports/{{ components_values.path }}/{{ stream_template_config.name }}"},
                        {"type": "ComponentMappingDefinition", "field_path": ["retriever", "requester", "request_parameters"], "value": "{{ {'two': 'yes'} }}", "create_or_update": True, "condition": "{{ components_values.path == '2' }}"},
                    ],
                },
            },
            {
                "type": "DynamicDeclarativeStream",
                "name": "parametrized",
                "stream_template": {**stream("template3", path="/p/{{ parameters['slug'] }}"), "$parameters": {"slug": "unset"}},
                "components_resolver": {
                    "type": "ParametrizedComponentsResolver",
                    "stream_parameters": {"type": "StreamParametersDefinition", "list_of_parameters_for_stream": [{"name": "p1", "slug": "one"}, {"name": "p2", "slug": "two"}]},
                    "components_mapping": [
                        {"type": "ComponentMappingDefinition", "field_path": ["name"], "value": "{{ components_values['name'] }}"},
                        {"type": "ComponentMappingDefinition", "field_path": ["$parameters", "slug"], "value": "{{ components_values['slug'] }}", "create_or_update": True},
                        {"type": "ComponentMappingDefinition", "field_path": ["retriever", "requester", "path"], "value": "/p/{{ components_values.slug }}"},
                    ],
                },
            },
        ],
    ),
    {"reports": [{"name": "r one", "path": "1"}, {"name": "r two", "path": "2"}]},
    ["plain", "Table One", "Table Two", "r one", "r two", "default report", "p1", "p2"],
    {
        "/tables": [items({"id": "t1", "name": "Table One", "version": 1, "keys": ["id"]}, {"id": "t2", "name": "Table Two", "version": "2", "keys": ["id", "v"]})],
        "*": lambda r: items({"id": r.path, "v": 1}),
    },
)

DONE_JSON = [{"status": "done", "urls": [f"{BASE}/f.json"]}]
JOB = lambda path, method="GET", **kw: {"type": "HttpRequester", "url_base": BASE, "path": path, "http_method": method, **kw}


def asynchronous(name, over=None, **kw):
    made = stream(name, **kw)
    selector = made["retriever"]["record_selector"]
    made["retriever"] = deep({
        "type": "AsyncRetriever",
        "record_selector": selector,
        "status_mapping": {"type": "AsyncJobStatusMap", "running": ["queued", "running"], "completed": ["done"], "failed": ["failed"], "timeout": ["timeout"]},
        "status_extractor": {"type": "DpathExtractor", "field_path": ["status"]},
        "download_target_extractor": {"type": "DpathExtractor", "field_path": ["urls"]},
        "creation_requester": JOB("/jobs", "POST", request_body_json={"kind": name}),
        "polling_requester": JOB("/jobs/{{ creation_response['id'] }}"),
        "download_requester": {"type": "HttpRequester", "url": "{{ download_target }}", "http_method": "GET"},
        "delete_requester": JOB("/jobs/{{ creation_response.id }}/delete", "POST"),
        "abort_requester": JOB("/jobs/{{ creation_response.id }}/abort", "POST"),
    }, over or {})
    return made


case(
    "async-jobs",
    manifest([
        asynchronous("report", {"download_decoder": {"type": "CsvDecoder"}}, field_path=()),
        asynchronous("json_report", {"download_decoder": {"type": "JsonDecoder"}}),
        asynchronous("no_cleanup", {"delete_requester": None, "abort_requester": None}) if False else asynchronous("target_requester", {"download_target_requester": JOB("/jobs/{{ polling_response['id'] }}/files"), "polling_requester": JOB("/status/{{ creation_response['id'] }}"), "download_decoder": {"type": "JsonlDecoder"}}, field_path=()),
        asynchronous("parts", {"partition_router": LIST("part", ["a", "b"]), "creation_requester": {"request_body_json": {"part": "{{ stream_partition['part'] }}"}}}),
        asynchronous("dated", {"creation_requester": {"request_body_json": {"from": "{{ stream_interval['start_time'] }}", "to": "{{ stream_interval.end_time }}"}}}, incremental_sync=DATED),
    ]),
    {},
    [
        "report", {"stream": "json_report", "routes": {"/jobs/j1": DONE_JSON}}, {"stream": "target_requester"}, {"stream": "parts", "routes": {"POST /jobs": [{"id": "j1"}, {"id": "j2"}], "/jobs/j1": DONE_JSON, "/jobs/j2": DONE_JSON}}, {"stream": "dated", "routes": {"POST /jobs": [{"id": "j1"}, {"id": "j2"}], "/jobs/j1": DONE_JSON, "/jobs/j2": DONE_JSON}, "then": [{}]},
        {"stream": "json_report", "case": "a job that fails for good", "fails": True, "routes": {"/jobs/j1": [{"status": "failed"}]}},
        {"stream": "json_report", "case": "a job that fails once", "routes": {"/jobs/j1": [{"status": "failed"}, {"status": "done", "urls": [f"{BASE}/f.json"]}]}},
    ],
    {
        "POST /jobs": [{"id": "j1"}],
        "/jobs/j1": [{"status": "queued"}, {"status": "running"}, {"status": "done", "urls": [f"{BASE}/f.csv", f"{BASE}/g.csv?x=%20y"]}],
        "/status/j1": [{"status": "running"}, {"status": "done", "id": "j1"}],
        "/jobs/j1/files": [{"urls": [f"{BASE}/f.jsonl"]}],
        "/f.csv": lambda r: (200, {"content-type": "text/csv"}, "id,v,updated\n1,x,2026-02-20\n2,,2026-02-21\n") if True else None,
        "/g.csv": [(200, {"content-type": "text/csv"}, "id,v,updated\n3,z,2026-02-22\n")],
        "/f.json": [items({"id": 1}, {"id": 2})],
        "/f.jsonl": ['{"id":1}\n{"id":2}\n'],
        "*": [{"ok": True}],
    },
)
