"""Writes the tables beside this file: how the CDK's paginators go through scripted pages, and how it reads Link headers.

Run with an interpreter that has `airbyte-cdk`: `python oracle.py`. CI does not need it.
"""

import json
from pathlib import Path

import requests
from airbyte_cdk.sources.declarative.extractors.record_selector import _EXTRACTED_RECORD_COUNT
from airbyte_cdk.sources.declarative.models.declarative_component_schema import DefaultPaginator
from airbyte_cdk.sources.declarative.parsers.model_to_component_factory import ModelToComponentFactory
from airbyte_cdk.sources.types import Record, StreamSlice

CONFIG = {"size": 2, "size_text": "2", "field": "per_page", "limit": 100}


def option(name, into="request_parameter", **fields):
    return {"type": "RequestOption", "inject_into": into, "field_name": name, **fields}


def paginator(strategy, token=option("token"), size=None):
    fields = {"page_token_option": token, "page_size_option": size}
    return {
        "type": "DefaultPaginator",
        "pagination_strategy": strategy,
        **{name: value for name, value in fields.items() if value is not None},
    }


PATH = {"type": "RequestPath"}
NESTED = {"type": "RequestOption", "inject_into": "body_json", "field_path": ["page", "{{ config['field'] }}"]}


def cursor(value, **fields):
    return {"type": "CursorPagination", "cursor_value": value, **fields}


PAGINATORS = [
    paginator({"type": "PageIncrement"}),
    paginator({"type": "PageIncrement", "page_size": 2}, size=option("size")),
    paginator({"type": "PageIncrement", "page_size": 2, "start_from_page": 1}),
    paginator({"type": "PageIncrement", "page_size": 2, "start_from_page": 1, "inject_on_first_request": True}, option("X-Page", "header"), option("{{ config['field'] }}")),
    paginator({"type": "PageIncrement", "page_size": "2", "inject_on_first_request": True}, option("page", "body_data"), option("size", "body_data")),
    paginator({"type": "PageIncrement", "page_size": "{{ config['size'] }}"}, NESTED, option("size", "body_json")),
    paginator({"type": "PageIncrement", "page_size": "{{ config['size_text'] }}"}),
    paginator({"type": "OffsetIncrement"}),
    paginator({"type": "OffsetIncrement", "page_size": 2}, size=option("limit")),
    paginator({"type": "OffsetIncrement", "page_size": 2, "inject_on_first_request": True}, size=option("limit")),
    paginator({"type": "OffsetIncrement", "page_size": "{{ config['size'] }}"}, size=option("limit")),
    paginator({"type": "OffsetIncrement", "page_size": "{{ response['max'] }}"}),
    paginator(cursor("{{ response['next'] }}")),
    paginator(cursor("{{ response['next'] }}", page_size=2), PATH, option("size")),
    paginator(cursor("{{ response.get('next', {}) }}", stop_condition="{{ not response.get('next') }}")),
    paginator(cursor("{{ last_record['id'] }}", stop_condition="{{ last_page_size < 2 }}")),
    paginator(cursor("{{ last_record.get('id') }}", stop_condition="{{ last_page_size == 0 }}")),
    paginator(cursor("{{ last_record['id'] }}", page_size="{{ config['size'] }}", stop_condition="{{ last_page_size < page_size }}")),
    paginator(cursor("{{ headers['link']['next']['url'] }}"), PATH),
    paginator(cursor("{{ headers.link.next.url }}", stop_condition="{{ 'next' not in headers['link'] }}"), PATH),
    paginator(cursor("{{ headers['link'].get('next', {}).get('url') }}", stop_condition="{{ not headers['link'].get('next') }}"), PATH),
    paginator(cursor("{{ headers['X-Next'] }}", stop_condition="{{ 'X-Next' not in headers }}")),
    paginator(cursor("{{ headers.get('X-Next', '') }}")),
    paginator(cursor("{{ response['next'] }}-{{ config['field'] }}", stop_condition="{{ response['next'] is none }}")),
    paginator(cursor("{{ {'a': response['next'], 'b': [1, 2]} }}", stop_condition="{{ not response['next'] }}"), option("at", "body_json")),
    paginator(cursor("{{ stream_slice['id'] }}:{{ last_page_size }}:{{ stream_partition.id }}")),
    paginator(cursor("{{ response['next'] }}", stop_condition="{{ false }}"), None),
]
PAGES = [
    {"headers": {}, "body": {"items": [{"id": 1}, {"id": 2}], "next": "abc", "max": 2}, "extracted": 2, "kept": 2},
    {"headers": {}, "body": {"items": [{"id": 1}, {"id": 2}], "next": 7, "max": 3}, "extracted": 2, "kept": 1},
    {"headers": {}, "body": {"items": [{"id": 1}], "next": None, "max": 1}, "extracted": 1, "kept": 1},
    {"headers": {}, "body": {"items": [], "next": "", "max": 0}, "extracted": 0, "kept": 0},
    {"headers": {}, "body": {"items": [{"id": 3}, {"id": 4}], "next": 0, "max": 2}, "extracted": 2, "kept": 0},
    {"headers": {}, "body": {"items": [{"id": 3}, {"id": 4}, {"id": 5}], "next": "https://api.example.com/things?page=2&x=a%20b", "max": 2}, "extracted": 3, "kept": 3},
    {"headers": {"link": '<https://api.example.com/things?page=2>; rel="next", <https://api.example.com/things?page=9>; rel="last"'}, "body": {"items": [{"id": "x"}], "next": "007", "max": "2"}, "extracted": 1, "kept": 1},
    {"headers": {"X-Next": "n2"}, "body": {"items": [{"id": "x"}], "next": "1.5", "max": 1}, "extracted": 1, "kept": 1},
    {"headers": {"X-Next": ""}, "body": {"items": [{"id": None}], "next": [1], "max": 1}, "extracted": 1, "kept": 1},
    {"headers": {}, "body": {"items": [{"id": True}], "next": True, "max": 1}, "extracted": 1, "kept": 1},
    {"headers": {}, "body": {"items": [{}]}, "extracted": 1, "kept": 1},
]
LINKS = [
    "",
    '<https://a/?p=2>; rel="next"',
    '<https://a/?p=2>; rel=next, <https://a/?p=1>; rel="prev"',
    '<https://a/?p=2>;rel="next",<https://a/?p=9>;rel="last"',
    "<https://a/?p=2>; rel='next'; title=\"a, b\"",
    '<https://a/?p=2&q=a,b;c>; rel="next"',
    '<https://a/?p=2>; title="x=y"; rel="next"',
    '<https://a/?p=2>; rel="next"; results="true"; cursor="0:100:0"',
    "<https://a/?p=2>",
    "https://a/?p=2; rel=next",
    '  <https://a/?p=2> ; rel = "next" ',
    '<https://a/?p=2>; rel="next prev"',
    '<https://a/?p=2>; rel=""',
    '<https://a/?p=2>; nothing; rel="next"',
    '<https://a/1>; rel="next", <https://a/2>; rel="next"',
    ", <https://a/?p=2>; rel=next",
    "garbage",
    '<a>; rel="__proto__"',
]


def response(page):
    result = requests.Response()
    result.status_code = 200
    result.headers.update(page["headers"])
    result._content = json.dumps(page["body"]).encode()
    result.url = "https://api.example.com/things"
    setattr(result, _EXTRACTED_RECORD_COUNT, page["extracted"])
    return result


def build(definition):
    return ModelToComponentFactory().create_component(DefaultPaginator, definition, CONFIG, url_base="https://api.example.com")


def options(built, token):
    wrapped = None if token is None else {"next_page_token": token}
    return {
        "headers": built.get_request_headers(next_page_token=wrapped),
        "params": built.get_request_params(next_page_token=wrapped),
        "bodyData": built.get_request_body_data(next_page_token=wrapped),
        "bodyJson": built.get_request_body_json(next_page_token=wrapped),
        "path": built.path(wrapped),
    }


SLICE = StreamSlice(partition={"id": 5}, cursor_slice={})


def follow(built, page, token):
    records = page["body"]["items"][: page["kept"]]
    last = Record(records[-1], "things", SLICE) if records else None
    try:
        found = built.next_page_token(response(page), page["kept"], last, token, stream_slice=SLICE)
    except Exception:
        return {"fails": True}
    if found is None:
        return {"next": None}
    found = found["next_page_token"]
    return {"next": found, "options": options(built, found)}


def walk(definition):
    built = build(definition)
    initial = built.get_initial_token()
    return {
        "paginator": definition,
        "initial": initial,
        "first": options(built, initial),
        # A token of its own kind, for strategies that count on from it.
        "pages": [[follow(built, page, token) for token in (initial, 40)] for page in PAGES],
    }


def write(name, table):
    Path(__file__).with_name(name).write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n")


def links(header):
    result = requests.Response()
    result.headers["link"] = header
    return result.links


write("pages.json", {"config": CONFIG, "pages": PAGES, "walks": [walk(one) for one in PAGINATORS]})
write("links.json", [{"header": header, "links": list(map(list, links(header).items()))} for header in LINKS])
