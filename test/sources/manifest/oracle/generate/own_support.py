"""Writes own manifests and scripts the answers to their requests."""

import json
import pathlib
import urllib.parse

import yaml

HERE = pathlib.Path(__file__).parent.parent
BASE = "https://api.example.com"
CASES = {}


def deep(base, over):
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{k: deep(base.get(k), v) for k, v in over.items()}}
    return over


def without_nothing(node):
    return {k: without_nothing(v) if k in ("retriever", "requester", "incremental_sync") else v for k, v in node.items() if v is not None}


def stream(name, path=None, field_path=("items",), requester=None, retriever=None, selector=None, key="id", schema=None, **fields):
    made = {
        "type": "DeclarativeStream",
        "name": name,
        "primary_key": [key] if key else None,
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {"type": "HttpRequester", "url_base": BASE, "path": None if path is False else f"/{name}" if path is None else path, "http_method": "GET", **(requester or {})},
            "record_selector": {
                "type": "RecordSelector",
                "extractor": {"type": "DpathExtractor", "field_path": list(field_path)},
                **(selector or {}),
            },
            **(retriever or {}),
        },
        "schema_loader": {"type": "InlineSchemaLoader", "schema": schema or {"type": "object", "properties": {}}},
        **fields,
    }
    return without_nothing(made)


def manifest(streams, properties=None, **fields):
    return {
        "version": "6.60.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": [streams[0]["name"]] if streams else []},
        **({"streams": streams} if streams else {}),
        "spec": {
            "type": "Spec",
            "connection_specification": {"type": "object", "required": [], "properties": properties or {}, "additionalProperties": True},
        },
        **fields,
    }


class Routes:
    """
    Answers by path. A route is a list of answers, given one after another and the last one for good, or a
    function of the request (with .path, .query, .json). An answer is a body, or (status, headers, body).
    """

    def __init__(self, routes):
        self.routes = routes
        self.used = {}

    def __call__(self, upstream, request, asked, number):
        url = urllib.parse.urlsplit(request.url)
        request.path = url.path
        request.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        request.text = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        route = self.routes.get(f"{request.method} {url.path}", self.routes.get(url.path, self.routes.get("*")))
        if route is None:
            return 404, {}, {"error": f"no route {url.path}"}
        answer = route(request) if callable(route) else None
        if not callable(route):
            n = self.used[url.path] = self.used.get(url.path, -1) + 1
            answer = route[min(n, len(route) - 1)]
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, tuple) else (200, {}, answer)


def case(name, document, config, runs, routes=None, now="2026-03-01T12:00:00Z"):
    """
    document: a dict, or the text of a manifest.
    runs: stream names, or dicts with stream and optionally case, routes, state, then (list of runs that continue
    from the state that the run before left), now, config, selected (properties of the configured catalog).
    """
    text = document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=140)
    (HERE / "own" / f"{name}.yaml").write_text(text)
    CASES[name] = {"config": config, "runs": runs, "routes": routes or {}, "now": now}


def items(*records):
    return {"items": list(records)}


def rows(n, start=1, **fields):
    return [{"id": i, **{k: v(i) if callable(v) else v for k, v in fields.items()}} for i in range(start, start + n)]
