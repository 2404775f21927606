"""Writes the tables beside this file: what Python's `requests` and the CDK make of addresses, queries and options.

Run with an interpreter that has `airbyte-cdk`: `python oracle.py`. CI does not need it.
"""

import json
from pathlib import Path

import requests
from airbyte_cdk.sources.declarative.models.declarative_component_schema import HttpRequester as HttpRequesterModel
from airbyte_cdk.sources.declarative.parsers.model_to_component_factory import ModelToComponentFactory
from airbyte_cdk.sources.declarative.requesters.http_requester import HttpRequester
from airbyte_cdk.sources.streams.http.http_client import HttpClient
from airbyte_cdk.sources.types import StreamSlice

HERE = Path(__file__).parent

BASES = [
    "https://api.example.com",
    "https://api.example.com/",
    "https://api.example.com/v1",
    "https://api.example.com/v1/",
    "https://api.example.com/v1/things?fixed=1",
    "https://api.example.com:8443/a/b/../c",
    "http://api.example.com/%7Euser/x y",
    "https://api.example.com/v1//double/",
    "HTTPS://API.Example.com/V1",
]
PATHS = [
    "",
    "things",
    "things/",
    "/things",
    "//other.example.com/things",
    "https://other.example.com/v2/things?page=2",
    "http://other.example.com/v2",
    "?page=2",
    "#part",
    "../things",
    "./things/.",
    "a/../../..",
    "things?a=b&c=d#e",
    "a//b",
    "/a//b",
    "a b/c%20d/%7e/%41",
    "things/10:30",
    "search(query='x')",
    "ünïcode/日本",
    "100%/done",
    "odata/$filter=a eq 'b'",
    "things;v=1",
    "items/{id}/[x]|^`\\",
    "..",
    ".",
    "/..",
    "a/..",
    "/v2/items?cursor=abc==&x=%2F",
]
QUERIES = [
    ("https://h.example/a", {}),
    ("https://h.example/a", {"q": "a b&c=d+e/f?g#h"}),
    ("https://h.example/a", {"q": "~*!'()-_."}),
    ("https://h.example/a", {"q": "ünï 日本 \U0001F600"}),
    ("https://h.example/a", {"filter[x]": "1", "a.b": "2", "c:d": "3"}),
    ("https://h.example/a", {"list": ["a", "b", 3, None, True], "none": None}),
    ("https://h.example/a", {"empty": "", "emptyList": []}),
    ("https://h.example/a", {"t": True, "f": False, "n": 7, "x": 1.5, "neg": -3}),
    ("https://h.example/a", {"nested": [["a", "b"], ["c"]]}),
    ("https://h.example/a?x=1", {"y": "2"}),
    ("https://h.example/a?x=1", {"x": "1", "y": "2"}),
    ("https://h.example/a?x=1", {"x": "2"}),
    ("https://h.example/a?x=1", {"x": 1}),
    ("https://h.example/a?x=a+b&y=%C3%BC", {"x": "a b", "y": "ü"}),
    ("https://h.example/a?x=1&x=2", {"x": "2"}),
    ("https://h.example/a?x=1&x=2", {"x": "1"}),
    ("https://h.example/a?x=", {"x": ""}),
    ("https://h.example/a?x=True", {"x": True}),
    ("https://h.example/a?q=a'b\"c<d>", {"z": "1"}),
    ("https://h.example/a?q=%zz&p=%41%7e%2f", {"z": "1"}),
    ("https://h.example/a?q=[1]|2^3", {}),
    ("https://h.example/a?", {"z": "1"}),
    ("https://h.example?q=1", {}),
    ("https://h.example/a#frag", {"z": "1"}),
    ("https://h.example/a", {"%": "100%", "%41": "%42"}),
    ("https://h.example/a", {"token": "abc==/+,;:@$"}),
    ("  https://h.example/a", {}),
    ("https://h.example:443/a", {}),
    ("https://user:pass@h.example/a", {}),
    ("ftp://h.example/a", {}),
    ("h.example/a", {}),
    ("", {}),
    ("https://", {}),
]


def prepared(url, params):
    client = HttpClient.__new__(HttpClient)
    try:
        return requests.Request("GET", url, params=client._dedupe_query_params(url, params)).prepare().url
    except Exception:
        return None


def write(name, table):
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in table)
    (HERE / name).write_text(f"[\n{lines}\n]\n")


joined = []
for base in BASES:
    for path in PATHS:
        url = HttpRequester._join_url(base, path)
        joined.append({"base": base, "path": path, "url": url, "sent": prepared(url, {})})
write("joined-urls.json", joined)
write("prepared-urls.json", [{"url": u, "params": p, "sent": prepared(u, p)} for u, p in QUERIES])


CONFIG = {
    "host": "api.example.com",
    "key": "k&y=1",
    "version": "1.10",
    "empty": "",
    "list": ["a", "b"],
    "text_list": "['a', 'b']",
    "big": 12345678901234567890,
    "flag": True,
    "none": None,
    "deep": {"a": 1},
}
BASE = {"type": "HttpRequester", "url_base": "https://{{ config['host'] }}/v1/", "path": "/things"}


def requester(**fields):
    return {**BASE, **fields}


def posted(**fields):
    return requester(http_method="POST", **fields)


ASKED = [
    {},
    {
        "partition": {"id": 7, "name": "a/b"},
        "cursorSlice": {"start_time": "2024-01-01", "end_time": "2024-02-01"},
        "extraFields": {"parent": {"slug": "s"}},
        "token": "t 1",
    },
    {"token": 3, "path": "https://other.example.com/next?page=3", "params": {"limit": 5}},
    {"path": "more?x=1&limit=5", "params": {"limit": 5, "list": [1, 2]}, "headers": {"X-Extra": 5}, "bodyJson": {"page": {"n": 1}}},
    {"token": 0, "bodyData": {"offset": 0, "q": "a b"}},
]
REQUESTERS = [
    requester(),
    requester(path=""),
    {"type": "HttpRequester", "url_base": "https://api.example.com"},
    {"type": "HttpRequester", "url": "https://api.example.com/all/{{ stream_partition.get('id', 'x') }}"},
    {"type": "HttpRequester", "url": "https://api.example.com/a/", "path": "b"},
    {"type": "HttpRequester", "url": "{{ next_page_token['next_page_token'] if next_page_token else 'https://api.example.com/first' }}"},
    requester(path="things/{{ stream_slice['id'] }}/{{ stream_partition.name }}"),
    requester(path="things/{{ parent['slug'] if parent is defined else 'none' }}"),
    requester(path="{{ stream_slice.extra_fields['parent']['slug'] if stream_slice.extra_fields else 'none' }}"),
    requester(
        request_parameters={
            "plain": "text",
            "number": 5,
            "float": 1.5,
            "bool": True,
            "numeric": "007",
            "exponent": "12e5",
            "version": "{{ config['version'] }}",
            "config_key": "{{ config['key'] }}",
            "empty": "",
            "empty_config": "{{ config['empty'] }}",
            "missing": "{{ config['missing'] }}",
            "missing_deep": "{{ config['missing']['deeper'] }}",
            "get_missing": "{{ config.get('missing') }}",
            "none": "{{ none }}",
            "none_text": "None",
            "list": "{{ config['list'] }}",
            "text_list": "{{ config['text_list'] }}",
            "joined": "{{ ','.join(config['list']) }}",
            "tuple": "(1, 2)",
            "dict_text": "{'a': 1}",
            "quoted": "'quoted'",
            "big": "{{ config['big'] }}",
            "flag": "{{ config['flag'] }}",
            "start": "{{ stream_interval['start_time'] }}",
            "token": "{{ next_page_token['next_page_token'] }}",
            "{{ config['version'] }}": "key",
            "a[b]": "{{ 1 + 1 }}",
            "spaced": " x ",
        }
    ),
    requester(request_parameters="{{ {'a': 1, 'b': none, 'c': ['x', 'y']} }}"),
    requester(request_parameters="just text"),
    requester(
        request_headers={
            "X-Version": "{{ config['version'] }}",
            "X-Float": "1.0",
            "X-Exponent": "12e5",
            "X-Number": 5,
            "X-Bool": "{{ config['flag'] }}",
            "X-Empty": "",
            "X-Missing": "{{ config['missing'] }}",
            "X-None": "{{ none }}",
            "X-List": "{{ config['list'] }}",
            "X-Dict": "{{ config['deep'] }}",
            "X-Quoted": "'quoted'",
            "X-Big": "{{ config['big'] }}",
            "accept": "text/csv",
        }
    ),
    requester(request_headers="{{ {'X-A': 1} }}"),
    posted(request_body_json={"a": "{{ config['version'] }}", "b": {"c": ["{{ config['flag'] }}", "{{ none }}", ""], "d": "", "e": None, "f": 1}, "{{ config['host'] }}": "x", "page": {"size": 10}}),
    posted(request_body_json="{'a': {{ config['big'] }}, 'b': None}"),
    posted(request_body_json={"id": "{{ stream_partition['id'] }}", "range": {"from": "{{ stream_interval.start_time }}"}}),
    posted(request_body_data={"a": "{{ config['key'] }}", "b": "007", "c": "{{ config['list'] }}", "d": "", "e": "{{ config['flag'] }}"}),
    posted(request_body_data="raw {{ config['version'] }} text"),
    posted(request_body_data="{'form': 'field', 'n': 1}"),
    posted(request_body_data="{{ config['empty'] }}"),
    posted(request_body_data="raw", request_headers={"Content-Type": "text/x-custom"}),
    posted(request_body={"type": "RequestBodyPlainText", "value": "plain {{ config['host'] }}"}),
    posted(request_body={"type": "RequestBodyUrlEncodedForm", "value": {"a": "x y", "b": "{{ config['version'] }}"}}),
    posted(request_body={"type": "RequestBodyJsonObject", "value": {"a": {"b": "{{ config['deep'] }}"}}}),
    posted(request_body={"type": "RequestBodyGraphQL", "value": {"query": "query { things(first: 10) { id name } }", "variables": {"after": "{{ next_page_token['next_page_token'] }}", "n": 5}}}),
    posted(request_body_json={"a": 1}, request_headers={"content-type": "application/vnd.api+json"}),
    posted(),
    requester(authenticator={"type": "ApiKeyAuthenticator", "api_token": "{{ config['key'] }}", "inject_into": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "limit"}}),
    requester(authenticator={"type": "BearerAuthenticator", "api_token": "t"}, request_headers={"Authorization": "mine"}),
    posted(authenticator={"type": "ApiKeyAuthenticator", "api_token": "t", "inject_into": {"type": "RequestOption", "inject_into": "body_json", "field_path": ["auth", "key"]}}),
]


class Sent(Exception):
    pass


def sent(definition, asked):
    try:
        built = ModelToComponentFactory().create_component(HttpRequesterModel, definition, CONFIG, name="things")
        kept = []

        def keep(request, *_args, **_kwargs):
            kept.append(request)
            raise Sent()

        built._http_client._send_with_retry = keep
        token = asked.get("token")
        try:
            built.send_request(
                stream_slice=StreamSlice(
                    partition=asked.get("partition", {}),
                    cursor_slice=asked.get("cursorSlice", {}),
                    extra_fields=asked.get("extraFields", {}),
                ),
                next_page_token=None if token is None else {"next_page_token": token},
                path=asked.get("path"),
                request_headers=asked.get("headers", {}),
                request_params=asked.get("params", {}),
                request_body_data=asked.get("bodyData", {}),
                request_body_json=asked.get("bodyJson", {}),
            )
        except Sent:
            pass
        [request] = kept
    except Exception:
        return {"fails": True}
    body = request.body.decode() if isinstance(request.body, bytes) else request.body
    headers = {name.lower(): value for name, value in request.headers.items()}
    for name in ("user-agent", "accept-encoding", "connection", "content-length"):
        headers.pop(name, None)
    return {"method": request.method, "url": request.url, "headers": headers, "body": body}


(HERE / "requests.json").write_text(
    json.dumps(
        {
            "config": CONFIG,
            "asked": ASKED,
            "requesters": [{"requester": one, "sent": [sent(one, asked) for asked in ASKED]} for one in REQUESTERS],
        },
        ensure_ascii=False,
        indent=1,
    )
    + "\n"
)
