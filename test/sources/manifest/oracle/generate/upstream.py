"""A scripted upstream that answers a request with what the component that sent it looks for.

It is told which retriever sends (see harness.Asked), so it can place records at the extractor's path, page as the
paginator expects, and give records the fields that cursors, filters, child streams and primary keys read.
"""

import base64
import datetime
import itertools
import json
import re

import requests
from airbyte_cdk.sources.declarative.datetime.datetime_parser import DatetimeParser
from airbyte_cdk.sources.declarative.extractors.dpath_extractor import DpathExtractor
from airbyte_cdk.sources.declarative.requesters.paginators.default_paginator import DefaultPaginator
from airbyte_cdk.sources.declarative.requesters.paginators.strategies.cursor_pagination_strategy import (
    CursorPaginationStrategy,
)
from airbyte_cdk.sources.declarative.requesters.paginators.strategies.offset_increment import OffsetIncrement
from airbyte_cdk.sources.declarative.requesters.paginators.strategies.page_increment import PageIncrement

UTC = datetime.timezone.utc
BASE = datetime.datetime(2026, 2, 20, 3, 4, 5, tzinfo=UTC)
MISSING = object()

STEP = r"""(?:\.get\(\s*['"]([^'"]+)['"][^)]*\)|\[\s*['"]([^'"]+)['"]\s*\]|\[\s*(-?\d+)\s*\]|\.(?!get\()([A-Za-z_]\w*)(?![\w]*\())"""


def paths_in(template, variable):
    """The paths below `variable` that a Jinja template reads, as tuples of keys and indices."""
    found = []
    for match in re.finditer(r"(?<![\w.'\"])" + variable + "((?:" + STEP + ")+)", template or ""):
        path = []
        for get, key, index, attribute in re.findall(STEP, match.group(1)):
            path.append(int(index) if index else get or key or attribute)
        if tuple(path) not in found:
            found.append(tuple(path))
    return found


def put(root, path, value):
    """Sets a value at a path of keys (and indices, which make lists). A `*` is one list entry."""
    node = root
    for here, after in zip(path, list(path[1:]) + [None]):
        fresh = [] if isinstance(after, int) or after == "*" else {}
        if here == "*":
            here = 0
        if isinstance(node, list):
            here = len(node) - 1 if isinstance(here, int) and here < 0 and node else max(int(here), 0)
            while len(node) <= here:
                node.append({})
            if after is None:
                node[here] = value
            elif not isinstance(node[here], (dict, list)) or node[here] == {}:
                node[here] = fresh
            node = node[here]
        elif isinstance(node, dict):
            if after is None:
                node[here] = value
            elif not isinstance(node.get(here), (dict, list)) or (isinstance(fresh, list) and node.get(here) == {}):
                node[here] = fresh
            node = node[here]


def walk(node):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


WORDS = ["plain", "Zoë Ünïcode", 'quote " and \\ back', "日本 🎉", "line\nbreak", "<b>&amp;</b>", "  spaces  ", "1", "true", "None"]


class Shape:
    """The fields of a stream's records."""

    def __init__(self, stream, children, config):
        self.name = stream.get("name") or ""
        loader = stream.get("schema_loader") or {}
        if isinstance(loader, list):
            loader = loader[0]
        self.schema = loader.get("schema") or {}
        keys = stream.get("primary_key") or []
        keys = [keys] if isinstance(keys, str) else keys
        keys = [k if isinstance(k, list) else [k] for k in keys]
        self.keys = [tuple(k) for k in keys]
        self.wanted = list(self.keys)
        for path in children.get(self.name, []):
            if path not in self.wanted:
                self.wanted.append(path)
        incremental = stream.get("incremental_sync") or {}
        self.cursor = None
        self.cursor_format = None
        if incremental.get("type") == "DatetimeBasedCursor":
            field = incremental["cursor_field"]
            field = re.sub(
                r"\{\{\s*(?:parameters|config)\[?\.?['\"]?(\w+)['\"]?\]?\s*\}\}",
                lambda m: str((incremental.get("$parameters") or {}).get(m.group(1), config.get(m.group(1), m.group(1)))),
                field,
            )
            self.cursor = tuple(field.split("."))
            self.cursor_format = (incremental.get("cursor_datetime_formats") or [incremental["datetime_format"]])[0]
        retriever = stream.get("retriever") or {}
        selector = retriever.get("record_selector") or {}
        templates = json.dumps([selector.get("record_filter"), stream.get("transformations")])
        # What a filter compares a field with, for some of the records to pass it.
        self.passing = dict(re.findall(r"record\[?\.?'?(\w+)'?\]?\s*==\s*['\"](\w+)['\"]", templates.replace('\\"', '"')))
        for path in paths_in(templates.replace('\\"', '"'), "record"):
            if path and path not in self.wanted:
                self.wanted.append(path)

    def kinds(self, schema):
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        for option in schema.get("anyOf", []) + schema.get("oneOf", []):
            kinds += self.kinds(option)
        return kinds

    def value(self, name, schema, n, depth=0):
        if not isinstance(schema, dict):
            return WORDS[n % len(WORDS)]
        kinds = self.kinds(schema)
        if "null" in kinds and (n + len(name)) % 4 == 3:
            return None
        kinds = [k for k in kinds if k != "null"]
        kind = kinds[0] if kinds else "string"
        if schema.get("enum"):
            return schema["enum"][n % len(schema["enum"])]
        if kind == "integer":
            return 9007199254740993 + n if (n + len(name)) % 5 == 1 else n * 7
        if kind == "number":
            return [n * 1.5, n, -0.25, 1e21, 123456789012345678][(n + len(name)) % 5]
        if kind == "boolean":
            return (n + len(name)) % 2 == 0
        if kind == "array":
            items = schema.get("items")
            items = items if isinstance(items, dict) else {}
            return [] if depth > 1 else [self.value(name, items, n + i, depth + 1) for i in range(n % 3)]
        if kind == "object":
            properties = schema.get("properties") or {}
            return {} if depth > 1 else {k: self.value(k, v, n, depth + 1) for k, v in list(properties.items())[:3]}
        if schema.get("format") in ("date-time", "date"):
            moment = BASE + datetime.timedelta(hours=5 * n)
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if schema["format"] == "date-time" else "%Y-%m-%d")
        return WORDS[(n + len(name)) % len(WORDS)]

    def record(self, n, moment=None):
        properties = self.schema.get("properties") or {"id": {"type": "integer"}, "name": {"type": "string"}}
        chosen = [k for k in properties if not str(k).startswith("$")][:6]
        record = {k: self.value(str(k), properties[k], n) for k in chosen}
        for path in self.wanted:
            schema = {"properties": properties}
            for key in path:
                step = schema.get("properties") or {}
                schema = step.get(key) if isinstance(step.get(key), dict) else {}
            kinds = self.kinds(schema)
            if path in self.keys or str(path[-1]).lower().endswith(("id", "key", "uid", "slug", "token", "code")):
                value = 1000 + n if "integer" in kinds or "number" in kinds else f"{self.name[:4]}-{n}"
                if n % 3 == 2 and isinstance(value, str):
                    value += " /ä"
            else:
                value = self.value(str(path[-1]), schema, n)
                value = WORDS[n % 3] if value is None else value
            put(record, list(path), value)
        for name, value in self.passing.items():
            if n % 3 != 2:
                record[name] = value
        if self.cursor and moment is not None:
            put(record, list(self.cursor), DatetimeParser().format(moment, self.cursor_format))
        return record


class Upstream:
    """
    pages(retriever, slice, page, default) may give the number of records of a page, or None for the default.
    faults: {exchange number: (status, headers, body)}, or a callable of what asks.
    """

    def __init__(self, manifest, config, generation=1, faults=None, full=None, hooks=None):
        self.config = config
        self.generation = generation
        self.faults = faults or {}
        self.full = full
        self.hooks = hooks or {}
        self.pages = {}
        self.partitions = {}
        self.numbers = {}
        self.tokens = 0
        self.children = {}
        self.streams = {}
        self.shapes = {}
        self.source = None
        self.single = (self.hooks.get("single") or ())

    def learn(self):
        if self.streams:
            return
        nodes = list(walk(self.source.resolved_manifest))
        for node in nodes:
            if node.get("type") == "ParentStreamConfig":
                parent = node.get("stream") or {}
                paths = self.children.setdefault(parent.get("name"), [])
                key = re.sub(
                    r"\{\{\s*(config|parameters)\[['\"](\w+)['\"]\]\s*\}\}",
                    lambda m: str((self.config if m.group(1) == "config" else node.get("$parameters") or {}).get(m.group(2))),
                    node["parent_key"],
                )
                for path in [tuple(re.split(r"[./]", key)) if "/" in key else (key,)] + [tuple(p) for p in node.get("extra_fields") or []]:
                    if path not in paths:
                        paths.append(path)
        for node in nodes:
            if node.get("type") == "DeclarativeStream" and node.get("name"):
                self.streams.setdefault(node["name"], node)
        for node in self.source.resolved_manifest.get("streams", []):
            if node.get("type") == "DeclarativeStream":
                self.streams[node.get("name")] = node

    def shape(self, name):
        self.learn()
        if name not in self.shapes:
            stream = self.streams.get(name) or {"name": name}
            self.shapes[name] = Shape(stream, self.children, self.config)
        return self.shapes[name]

    def answer(self, request, asked, number):
        fault = self.faults(asked) if callable(self.faults) else self.faults.get(number)
        if fault:
            status, headers, body = fault
            if not isinstance(body, (str, bytes)):
                headers = {"content-type": "application/json", **headers}
                body = json.dumps(body)
            return status, headers, body.encode() if isinstance(body, str) else body
        if "answer" in self.hooks:
            given = self.hooks["answer"](self, request, asked, number)
            if given is not None:
                status, headers, body = given
                if not isinstance(body, (str, bytes)):
                    headers = {"content-type": "application/json", **headers}
                    body = json.dumps(body, ensure_ascii=False)
                return status, headers, body.encode("utf-8") if isinstance(body, str) else body
        headers, body = getattr(self, asked.kind)(request, asked)
        return 200, {"content-type": "application/json", **headers}, json.dumps(body, ensure_ascii=number % 2 == 1).encode("utf-8")

    def unknown(self, request, asked):
        return {}, {"ok": True}

    requester = unknown

    def login(self, request, asked):
        self.tokens += 1
        body = {}
        put(body, [p for p in asked.provider.session_token_path], f"session-{self.tokens}")
        return {}, body

    def oauth(self, request, asked):
        self.tokens += 1
        auth = asked.authenticator
        body = {auth.get_access_token_name(): f"access-{self.tokens}", "token_type": "bearer"}
        expires = 3600
        if auth.token_expiry_is_time_of_expiration:
            expires = DatetimeParser().format(BASE + datetime.timedelta(days=30), auth.token_expiry_date_format)
        body[auth.get_expires_in_name()] = expires
        body[auth.get_refresh_token_name()] = f"refresh-{self.tokens}"
        return {}, body

    def counts(self, retriever, stream_slice, page, partition):
        paginator = retriever._paginator
        strategy = None
        if isinstance(paginator, DefaultPaginator):
            strategy = paginator.pagination_strategy
            strategy = getattr(strategy, "_delegate", strategy)
        size = None
        if strategy is not None:
            size = strategy.get_page_size()
        more = page == 0 and partition in (0, 3)
        if partition == 2:
            return 0, False, size
        if strategy is None:
            return (2 if partition else 3), False, size
        if isinstance(strategy, (OffsetIncrement, PageIncrement)):
            if size:
                return (size if more else 1), more, size
            if page == 0:
                return 2, True, size
            return (1 if more or (page == 1 and partition == 0) else 0), False, size
        full = min(size or 2, 5)
        for template in [str(getattr(strategy, "cursor_value", "")), str(getattr(strategy, "stop_condition", ""))]:
            for n in re.findall(r"last_page_size\s*(?:<|==|!=|<=|>=)\s*(\d+)", template):
                full = max(full, int(n))
        return (full if more else 1), more, size

    def page(self, request, asked):
        retriever = asked.retriever
        name = retriever.name
        shape = self.shape(name)
        stream_slice = asked.slice
        partition_key = json.dumps([name, dict(stream_slice.partition) if stream_slice else {}], sort_keys=True, default=str)
        key = json.dumps([partition_key, dict(stream_slice.cursor_slice) if stream_slice else {}], sort_keys=True, default=str)
        partitions = self.partitions.setdefault(name, [])
        if partition_key not in partitions:
            partitions.append(partition_key)
        of_partition = partitions.index(partition_key)
        seen = self.pages.setdefault(name, [])
        if key not in seen:
            seen.append(key)
        page = 0
        if asked.token is not None:
            tokens = self.numbers.setdefault(("tokens", key), [])
            token = json.dumps(asked.token, sort_keys=True, default=str)
            if token not in tokens:
                tokens.append(token)
            page = tokens.index(token) + (0 if self.initial_token(retriever) == token else 1)
        # Of many slices the first, the third (empty) and the fourth are special; the same holds for partitions.
        order = seen.index(key) if len(partitions) == 1 else of_partition
        count, more, size = self.counts(retriever, stream_slice, page, order)
        given = self.hooks.get("count") and self.hooks["count"](name, stream_slice, page, order)
        if given is not None:
            count, more = given
        records = []
        for i in range(count):
            n = self.numbers[name] = self.numbers.get(name, -1) + 1
            records.append(shape.record(n + 20 * (self.generation - 1), self.moment(name, stream_slice, i + 3 * page)))
        return self.body(request, asked, records, page, more)

    def initial_token(self, retriever):
        paginator = retriever._paginator
        token = paginator.get_initial_token() if hasattr(paginator, "get_initial_token") else None
        return None if token is None else json.dumps({"next_page_token": token}, sort_keys=True, default=str)

    def moment(self, name, stream_slice, i):
        stream = self.streams.get(name) or {}
        incremental = stream.get("incremental_sync") or {}
        cursor_slice = dict(stream_slice.cursor_slice) if stream_slice else {}
        start, end = BASE + datetime.timedelta(days=3 * (self.generation - 1)), None
        if cursor_slice and incremental.get("type") == "DatetimeBasedCursor":
            formats = [incremental["datetime_format"], *(incremental.get("cursor_datetime_formats") or [])]

            def parse(text):
                for form in formats:
                    try:
                        return DatetimeParser().parse(text, form)
                    except ValueError:
                        continue
                return None

            bounds = [parse(v) for v in cursor_slice.values()]
            if all(bounds) and bounds:
                start, end = min(bounds), max(bounds) if len(bounds) > 1 else None
        moment = start + datetime.timedelta(hours=1 + 7 * i, milliseconds=250)
        if end is not None and moment > end:
            moment = start + (end - start) * min(i + 1, 9) / 10
        return moment

    def body(self, request, asked, records, page, more):
        headers, body, ends = self.fitting(request, asked, records, page, more)
        if not ends and not more:
            # Some paginators end at nothing but an empty page.
            headers, body, ends = self.fitting(request, asked, [], page, more)
        return headers, body

    def fitting(self, request, asked, records, page, more):
        """(headers, body, whether the paginator goes on or ends with it as wanted)"""
        retriever = asked.retriever
        extractor = getattr(retriever.record_selector, "extractor", None)
        path = []
        if isinstance(extractor, DpathExtractor):
            path = [p.eval(self.config) for p in extractor._field_path]
        paginator = retriever._paginator
        strategy = getattr(paginator, "pagination_strategy", None)
        strategy = getattr(strategy, "_delegate", strategy)
        reads = []
        templates = ""
        if isinstance(strategy, CursorPaginationStrategy):
            cursor_value = getattr(strategy._cursor_value, "string", "")
            stop = getattr(strategy._stop_condition, "condition", "") or ""
            templates = f"{cursor_value} {stop}"
            reads = [("response", p) for p in paths_in(templates, "response")]
            reads += [("headers", p) for p in paths_in(templates, "headers")]
            reads = [r for r in reads if r[1][: len(path)] != tuple(path) or not path]
        if path:
            body = {}
            if "*" in path:
                for i, record in enumerate(records):
                    put(body, [i if p == "*" else p for p in path], record)
                if not records:
                    put(body, [p for p in path if p != "*"] or ["data"], {})
            elif retriever.name in self.single:
                put(body, path, records[0] if records else {})
            else:
                put(body, path, records)
        elif any(where == "response" and isinstance(p[0], str) for where, p in reads) or retriever.name in self.single:
            body = records[0] if records else {}
        else:
            body = records
        if not isinstance(strategy, CursorPaginationStrategy):
            return {}, body, True
        last = records[-1] if records else None
        base = request.url.split("?")[0]
        query = request.url.split("?")[1] if "?" in request.url else ""
        token = f"tok{page + 2}"
        follow = f"{base}?{'&'.join(q for q in query.split('&') if q and not q.startswith('page=') and not q.startswith('cursor='))}"
        follow = (follow if follow.endswith("?") else follow + "&") + f"page={page + 2}&cursor={token}%3D"
        link = f'<{follow}>; rel="next", <{base}?page=1>; rel="first"'

        def options(where, p):
            key = str(p[-1]).lower()
            if where == "headers":
                if str(p[0]).lower() == "link":
                    return [link] if more else [MISSING, f'<{base}?page=1>; rel="first"']
                return [token, "true", str(page + 2)] if more else [MISSING, "", "false"]
            if any(w in key for w in ("next", "link", "url", "href", "uri")):
                values = [follow, token, page + 2, True, link]
            elif any(w in key for w in ("more", "has", "end", "last", "done", "complete")):
                values = [True, False, page + 2, token]
            elif any(w in key for w in ("total", "count", "pages")):
                values = [page + 2, page + 3, 1000, 0]
            else:
                values = [token, page + 1, page + 2, follow, True, False, 0, 1000]
            ends = [None, MISSING, False, True, 0, page + 1, page + 2, "", token]
            return values if more else ends

        choices = [[(where, p, v) for v in options(where, p)] for where, p in reads]
        fallback = None
        for combination in itertools.islice(itertools.product(*choices), 4000):
            candidate = json.loads(json.dumps(body))
            headers = {}
            for where, p, value in combination:
                if value is MISSING:
                    continue
                if where == "headers":
                    headers[str(p[0])] = value
                elif isinstance(candidate, dict):
                    put(candidate, list(p), value)
            response = requests.Response()
            response.status_code = 200
            response._content = json.dumps(candidate).encode()
            response.headers.update(headers)
            response.request = request
            try:
                found = strategy.next_page_token(response, len(records), last, asked.token and asked.token.get("next_page_token"))
            except Exception:
                continue
            fallback = fallback or (headers, candidate)
            if bool(found) == more and found != (asked.token or {}).get("next_page_token"):
                return headers, candidate, True
            if not reads:
                break
        return (*(fallback or ({}, body)), False)
