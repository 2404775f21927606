"""Requests, their bodies and options, paginators, error handlers."""

from own_support import BASE, case, deep, items, manifest, rows, stream

OPTION = lambda where, field=None, **kw: {"type": "RequestOption", "inject_into": where, **({"field_name": field} if field else {}), **kw}
LIST = lambda field, values, option=None: {"type": "ListPartitionRouter", "cursor_field": field, "values": values, **({"request_option": option} if option else {})}


def asking(name, retriever=None, path="/x", **requester):
    return stream(name, path=path, requester=requester, retriever=retriever)


case(
    "requests",
    manifest([
        asking("params", request_parameters={
            "int": "{{ 5 }}", "zero": "{{ 0 }}", "float": "{{ 2.50 }}", "true": "{{ true }}", "false": "{{ false }}", "none": "{{ none }}", "empty": "", "missing": "{{ config['missing'] }}",
            "text": "a b&c=d/é+%20~'()*!", "list": "{{ [1, 'b c'] }}", "object": "{{ {'a': 1} }}", "quoted": "'single'", "doubly": "{{ '\"q\"' }}", "zeros": "007", "exp": "1e5", "big": "{{ 12345678901234567890 }}",
            "tuple": "1,2", "spaces": "  x ", "conf": "{{ config['n'] }}", "conf_text": "{{ config['text'] }}", "bool_text": "true", "None_text": "None", "k {{ config['n'] }}": "key", "date": "2026-01-01", "neg": "-5", "under": "1_0", "str": "{{ '5' | string }}",
        }),
        asking("params_text", request_parameters="a={{ config['n'] }}&b=x y"),
        asking("params_in_path", path="/x?a=1&b=two%20words", request_parameters={"c": "3", "b": "other"}),
        asking("params_same", path="/x?a=1", request_parameters={"a": "{{ 1 }}"}),
        asking("headers", request_headers={"X-Int": "{{ 5 }}", "X-Bool": "{{ true }}", "X-None": "{{ none }}", "X-Empty": "", "X-Text": "a b ", "x-lower": "1", "X-List": "{{ [1] }}", "Accept": "application/xml", "User-Agent": "mine/1", "Content-Type": "application/vnd.x+json", "X-{{ config['n'] }}": "key"}),
        asking("url", url=f"{BASE}/direct/{{{{ config['text'] }}}}?z=1", path=False, url_base=None),
        asking("url_and_path", url=f"{BASE}/direct/a?z=1", path="more", url_base=None),
        asking("base_slash", url_base=f"{BASE}/v1/", path="/y"),
        asking("base_no_slash", url_base=f"{BASE}/v1", path="y"),
        asking("base_template", url_base="https://{{ config['host'] }}/{{ config.get('missing', 'v2') }}/", path="z/"),
        asking("no_path", url_base=f"{BASE}/v1/", path=""),
        asking("path_text", path="/p/{{ config['text'] }}/ü/a b//c/../d"),
        asking("absolute_path", path="https://elsewhere.example.com/abs"),
        asking("post_no_body", http_method="POST"),
        asking("json", http_method="POST", request_body_json={"int": "{{ 5 }}", "text": "{{ 'a' }}", "fixed": 1, "flag": True, "nothing": None, "list": ["{{ 1 }}", 2, {"x": "{{ config['n'] }}"}], "nested": {"deep": {"v": "{{ config.text }}"}}, "none": "{{ none }}", "empty": "{{ '' }}", "missing": "{{ config['missing'] }}", "empties": {"a": {}, "b": []}, "k{{ 1 }}": "key", "obj": "{{ {'a': [1]} }}", "big": "{{ 9007199254740993 }}", "float": 1.0, "zeros": "007"}),
        asking("json_text", http_method="POST", request_body_json='{"a": {{ config["n"] }}, "b": "{{ config.text }}"}'),
        asking("json_get", request_body_json={"a": "1"}),
        asking("json_new", http_method="POST", request_body={"type": "RequestBodyJsonObject", "value": {"a": "{{ 1 }}", "b": {"c": [1, "{{ 2 }}"]}}}),
        asking("form", http_method="POST", request_body_data={"a": "{{ 1 }}", "b": "x y&é", "c": "{{ none }}", "d": "{{ [1,2] }}", "e": ""}),
        asking("form_new", http_method="POST", request_body={"type": "RequestBodyUrlEncodedForm", "value": {"a": "{{ 1 }}", "b": "x y"}}),
        asking("text", http_method="POST", request_body_data="raw {{ config['n'] }} é"),
        asking("text_new", http_method="POST", request_body={"type": "RequestBodyPlainText", "value": "plain {{ config.text }}"}),
        asking("graphql", http_method="POST", request_body={"type": "RequestBodyGraphQL", "value": {"query": "query { a(x: \"{{ config['text'] }}\") { id } }"}}),
        asking("graphql_vars", http_method="POST", request_body={"type": "RequestBodyGraphQL", "value": {"query": "query Q($n: Int) { a }", "variables": {"n": "{{ config['n'] }}", "m": {"k": True}}}}),
        asking("slice_in_json", {"partition_router": LIST("p", ["a", "5"], OPTION("body_json", field_path=["where", "0", "p"]))}, http_method="POST", request_body_json={"q": "{{ stream_partition.p }}"}),
        asking("conflict", {"partition_router": LIST("p", ["a"], OPTION("request_parameter", "q"))}, request_parameters={"q": "fixed"}),
        asking("conflict_same", {"partition_router": LIST("p", ["a"], OPTION("request_parameter", "q"))}, request_parameters={"q": "a"}),
        asking("macros", request_parameters={"utc": "{{ format_datetime('2026-01-02T03:04:05Z', '%Y/%m/%d') }}", "ts": "{{ timestamp('2026-01-02T03:04:05Z') }}", "dur": "{{ duration('P1DT2H') }}", "max": "{{ max(2, 10) }}", "min": "{{ min('b', 'a') }}", "hash": "{{ 'x' | hash('md5') }}", "b64": "{{ 'é' | base64encode }}", "unb64": "{{ 'w6k=' | base64decode }}", "hmac": "{{ 'm' | hmac('k') }}", "re": "{{ 'a-12' | regex_search('[0-9]+') }}", "camel": "{{ camel_case_to_snake_case('fooBarBaz') }}", "san": "{{ sanitize_url('https://x.y//z/') }}", "s2d": "{{ str_to_datetime('2026-01-02').year }}", "day": "{{ day_delta(-1, format='%Y') }}", "gen": "{{ generate_uuid() | length }}", "json": "{{ {'a': none, 'b': true} | tojson }}", "join": "{{ ['a', 'b'] | join(',') }}", "env": "{{ config.items() | list | length }}", "str": "{{ 5 | string }}", "secret": "{{ config['text'] | urlencode }}"}),
        asking("now", request_parameters={"now": "{{ now_utc().strftime('%Y-%m-%dT%H:%M:%SZ') }}", "today": "{{ today_utc() }}", "delta": "{{ day_delta(-2) }}", "text": "{{ now_utc() }}", "today_tz": "{{ today_with_timezone('America/New_York') }}"}),
    ]),
    {"n": 3, "text": "t/é x&y", "host": "acme.example.com"},
    ["params", {"stream": "params_text", "fails": True}, "params_in_path", "params_same", "headers", "url", "url_and_path", "base_slash", "base_no_slash", "base_template", "no_path", "path_text", "absolute_path", "post_no_body", "json", "json_text", "json_get", "json_new", "form", "form_new", "text", "text_new", "graphql", "graphql_vars",
     "slice_in_json", {"stream": "conflict", "fails": True}, {"stream": "conflict_same", "fails": True}, "macros", "now"],
    {"*": [items({"id": 1})]},
)


def paged(name, strategy, token=OPTION("request_parameter", "page"), size=OPTION("request_parameter", "size"), requester=None, path="/x", **kw):
    paginator = {"type": "DefaultPaginator", "pagination_strategy": strategy, **({"page_token_option": token} if token else {}), **({"page_size_option": size} if size and "page_size" in strategy else {})}
    return stream(name, path=path, requester=requester, retriever={"paginator": paginator, **kw})


OFFSET = lambda **kw: {"type": "OffsetIncrement", **kw}
PAGE = lambda **kw: {"type": "PageIncrement", **kw}
CURSOR = lambda value, **kw: {"type": "CursorPagination", "cursor_value": value, **kw}
TWO, ONE, NONE = items(*rows(2)), items(*rows(1, 9)), items()
FULL_THEN_SHORT, FULL_THEN_NONE = [TWO, ONE], [TWO, TWO, NONE]
linked = lambda *links: [(200, {"link": l} if l else {}, TWO) for l in links]
case(
    "paginators",
    manifest([
        paged("offset", OFFSET(page_size=2)),
        paged("offset_first", OFFSET(page_size=2, inject_on_first_request=True)),
        paged("offset_no_size", OFFSET(), size=None),
        paged("offset_template", OFFSET(page_size="{{ config['size'] }}")),
        paged("offset_text_size", OFFSET(page_size="2")),
        paged("offset_header", OFFSET(page_size=2), OPTION("header", "X-Offset"), OPTION("header", "X-Limit")),
        paged("offset_json", OFFSET(page_size=2), OPTION("body_json", "offset"), OPTION("body_json", field_path=["page", "limit"]), {"http_method": "POST", "request_body_json": {"fixed": "{{ next_page_token }}"}}),
        paged("offset_data", OFFSET(page_size=2), OPTION("body_data", "offset"), OPTION("body_data", "limit"), {"http_method": "POST"}),
        paged("page", PAGE(page_size=2)),
        paged("page_from_one", PAGE(page_size=2, start_from_page=1)),
        paged("page_first", PAGE(page_size=2, start_from_page=1, inject_on_first_request=True)),
        paged("page_first_zero", PAGE(page_size=2, inject_on_first_request=True)),
        paged("page_no_size", PAGE(start_from_page=1), size=None),
        paged("page_too_many", PAGE(page_size=1)),
        paged("cursor", CURSOR("{{ response.meta.next }}", page_size=2)),
        paged("cursor_path", CURSOR("{{ response['next'] }}"), {"type": "RequestPath"}, None),
        paged("cursor_path_relative", CURSOR("{{ response['next'] }}"), {"type": "RequestPath"}, None, {"url_base": f"{BASE}/v1", "request_parameters": {"fixed": "1"}}),
        paged("cursor_path_size", CURSOR("{{ response['next'] }}", page_size=2), {"type": "RequestPath"}, OPTION("request_parameter", "limit"), {"request_parameters": {"a": "1"}}),
        paged("cursor_stop", CURSOR("{{ response.next }}", stop_condition="{{ response.next == 'end' }}")),
        paged("cursor_stop_missing", CURSOR("{{ last_record['id'] }}", stop_condition="{{ not response.more }}")),
        paged("cursor_stop_text", CURSOR("{{ last_record['id'] }}", stop_condition="response.more")),
        paged("cursor_last_record", CURSOR("{{ last_record['id'] }}", page_size=2, stop_condition="{{ last_page_size < 2 }}")),
        paged("cursor_last_none", CURSOR("{{ last_record['id'] if last_record else '' }}")),
        paged("cursor_header", CURSOR("{{ headers['X-Next'] }}")),
        paged("cursor_header_lower", CURSOR("{{ headers['x-next'] }}")),
        paged("cursor_link", CURSOR("{{ headers['link']['next']['url'] }}", stop_condition="{{ 'next' not in headers['link'] }}"), {"type": "RequestPath"}, None),
        paged("cursor_number", CURSOR("{{ response.page + 1 }}", stop_condition="{{ response.page >= 2 }}")),
        paged("cursor_number_text", CURSOR("{{ response.next }}"), requester={"request_parameters": {"again": "{{ next_page_token['next_page_token'] }}"}}),
        paged("cursor_object", CURSOR("{{ response.cursor }}"), OPTION("body_json", "after"), None, {"http_method": "POST"}),
        paged("cursor_same", CURSOR("{{ 'same' }}", stop_condition="{{ not response['items'] }}")),
        paged("cursor_last_token", CURSOR("{{ last_record.id ~ '-' ~ last_page_size }}", stop_condition="{{ last_page_size == 0 }}")),
        paged("ignoring", PAGE(page_size=2, start_from_page=1), ignore_stream_slicer_parameters_on_paginated_requests=True, partition_router=LIST("p", ["a", "b"], OPTION("request_parameter", "p"))),
        paged("not_ignoring", PAGE(page_size=2, start_from_page=1), partition_router=LIST("p", ["a"], OPTION("request_parameter", "p"))),
        paged("token_in_path", CURSOR("{{ response.next }}"), None, None, path="/x/{{ next_page_token['next_page_token'] if next_page_token else 'first' }}"),
        stream("none", path="/x", retriever={"paginator": {"type": "NoPagination"}}),
        stream("filtered_pages", path="/x", selector={"record_filter": {"type": "RecordFilter", "condition": "{{ record.id == 1 }}"}}, retriever={"paginator": {"type": "DefaultPaginator", "page_token_option": OPTION("request_parameter", "page"), "pagination_strategy": PAGE(page_size=2)}}),
    ]),
    {"size": 2},
    [
        {"stream": n, "routes": {"/x": a, "*": a}}
        for n, a in {
            "offset": FULL_THEN_SHORT, "offset_first": FULL_THEN_SHORT, "offset_no_size": FULL_THEN_NONE, "offset_template": FULL_THEN_SHORT, "offset_header": FULL_THEN_NONE, "offset_json": FULL_THEN_SHORT, "offset_data": FULL_THEN_SHORT,
            "page": FULL_THEN_SHORT, "page_from_one": FULL_THEN_SHORT, "page_first": FULL_THEN_SHORT, "page_first_zero": FULL_THEN_SHORT, "page_no_size": FULL_THEN_NONE, "page_too_many": [TWO, ONE, NONE],
            "cursor": [{**TWO, "meta": {"next": "a b/é="}}, {**TWO, "meta": {"next": 7}}, {**TWO, "meta": {"next": None}}],
            "cursor_path": [{**TWO, "next": f"{BASE}/other/path?cursor=a%20b%3D&x=é"}, {**TWO, "next": ""}],
            "cursor_path_relative": [{**TWO, "next": "/rel?fixed=1&page=2"}, {**TWO, "next": "rel3?page=3"}, {**TWO}],
            "cursor_path_size": [{**TWO, "next": f"{BASE}/x?a=1&limit=2&page=2"}, {**TWO, "next": f"{BASE}/x?a=9&limit=5&page=3"}, {**TWO, "next": None}],
            "cursor_stop": [{**TWO, "next": "go"}, {**TWO, "next": "end"}],
            "cursor_stop_missing": [{**TWO, "more": True}, {**ONE, "more": False}],
            "cursor_stop_text": [TWO, ONE],
            "cursor_last_record": FULL_THEN_SHORT, "cursor_last_none": [TWO, NONE],
            "cursor_header": [(200, {"X-Next": "n2"}, TWO), (200, {}, ONE)], "cursor_header_lower": [(200, {"X-Next": "n2"}, TWO), (200, {}, ONE)],
            "cursor_link": linked(f'<{BASE}/x?page=2&a=b>; rel="next", <{BASE}/x?page=9>; rel="last"', f'<{BASE}/x?page=1>; rel="prev"') + linked(None),
            "cursor_number": [{**TWO, "page": 1}, {**TWO, "page": 2}], "cursor_number_text": [{**TWO, "next": "007"}, {**TWO, "next": "1e3"}, {**TWO, "next": "12345678901234567890"}, {**TWO, "next": "False"}],
            "cursor_object": [{**TWO, "cursor": {"id": 1, "k": [None]}}, TWO], "cursor_same": [TWO, TWO, NONE], "cursor_last_token": [TWO, TWO, NONE],
            "ignoring": [TWO, ONE, TWO, ONE], "not_ignoring": [TWO, ONE], "token_in_path": [{**TWO, "next": "n/2"}, ONE], "none": [TWO], "filtered_pages": FULL_THEN_SHORT,
        }.items()
    ] + [{"stream": "offset_text_size", "routes": {"/x": FULL_THEN_SHORT}},
         {"stream": "cursor_link", "case": "no link header at all", "routes": {"/x": [TWO]}, "fails": True},
         {"stream": "cursor", "case": "a path that is missing", "routes": {"/x": [{**TWO, "other": 1}]}, "fails": True}],
)


def handled(name, *handlers, **kw):
    handler = handlers[0] if len(handlers) == 1 else {"type": "CompositeErrorHandler", "error_handlers": list(handlers)}
    return stream(name, path="/x", requester={"error_handler": handler}, **kw)


HANDLER = lambda *filters, **kw: {"type": "DefaultErrorHandler", **({"response_filters": [{"type": "HttpResponseFilter", **f} for f in filters]} if filters else {}), **kw}
WAIT = lambda kind, **kw: {"backoff_strategies": [{"type": kind, **kw}]}
OK = items({"id": 1})
down = lambda status=503, n=1, headers=None, body="down": [(status, headers or {}, body)] * n + [OK]
EXPECTED = [
    ("plain", "503", down(), False), ("plain", "five in a row", down(500, 5), False), ("plain", "429 without a header", down(429), False), ("plain", "429 five times", down(429, 5), False), ("plain", "429 for good", [(429, {}, "")], True),
    ("plain", "Retry-After is not read by default", down(429, 1, {"Retry-After": "30"}), False), ("plain", "400", [(400, {}, {"error": "bad"})], True), ("plain", "403", [(403, {}, {"message": "forbidden"})], True), ("plain", "418", [(418, {}, "teapot")], True), ("plain", "599", [(599, {}, "?")], True),
    ("plain", "a redirect", [(302, {"location": f"{BASE}/moved?x=1"}, "")], False), ("plain", "304", [(304, {}, "")], False), ("plain", "201", [(201, {}, OK)], False), ("plain", "408 then well", down(408), False),
    ("constant", "503 twice", down(503, 2), False), ("constant_template", "503", down(), False), ("exponential", "503 three times", down(503, 3), False), ("exponential_default", "503 three times", down(503, 3), False),
    ("header", "seconds", down(429, 1, {"Retry-After": "12"}), False), ("header", "a fraction", down(429, 1, {"Retry-After": "1.5"}), False), ("header", "an HTTP date", down(429, 1, {"Retry-After": "Sun, 01 Mar 2026 12:00:30 GMT"}), False), ("header", "missing", down(429), False), ("header", "zero", down(429, 1, {"Retry-After": "0"}), False),
    ("header_regex", "a pattern", down(429, 1, {"X-Wait": "wait 8 seconds"}), False), ("header_regex", "no match", down(429, 1, {"X-Wait": "soon"}), False), ("header_max", "too long", down(429, 1, {"Retry-After": "61"}), True), ("header_max", "just as long", down(429, 1, {"Retry-After": "60"}), True), ("header_max", "shorter", down(429, 1, {"Retry-After": "59"}), False),
    ("until", "an epoch", down(429, 1, {"X-Reset": "1772366425"}), False), ("until", "in the past", down(429, 1, {"X-Reset": "1772366300"}), False), ("until_min", "sooner than the minimum", down(429, 1, {"X-Reset": "1772366402"}), False), ("until_min", "missing", down(429), False), ("until_regex", "a pattern", down(429, 1, {"X-Reset": "t=1772366425;"}), False),
    ("retries", "three tries", [(503, {}, "")], True), ("retries_none", "no retry", [(503, {}, "")], True), ("retries_template", "from config", [(503, {}, "")], True),
    ("ignore", "404", [(404, {}, {"error": "x"})], False), ("ignore", "404 with a body of records", [(404, {}, OK)], False), ("message", "the field message", [(400, {}, {"message": "it is not ENABLED here"})], False), ("message", "inside errors", [(400, {}, {"errors": [{"message": "not enabled"}]})], False), ("message", "only in text", [(400, {}, "not enabled")], True), ("message", "in a success", [(200, {}, {"message": "not enabled", **OK})], False),
    ("predicate", "200 with an error", [(200, {}, {"ok": False, "error": "x"})], True), ("predicate", "200 that is well", [(200, {}, {"ok": True, **OK})], False), ("predicate", "not JSON", [(500, {}, "<html>")], True), ("header_predicate", "by header", [(403, {"X-Left": "0"}, ""), OK], False),
    ("success", "400 as success", [(400, {}, OK)], False), ("fail_message", "402", [(402, {}, {"error": {"message": "pay"}})], True), ("fail_type", "402", [(402, {}, "")], True), ("rate_limited", "403 as a rate limit", down(403, 7), False),
    ("order", "the first filter wins", [(400, {}, {"message": "both"})], False), ("composite", "of the first handler", down(404), False), ("composite", "of the second handler", [(410, {}, "")], False), ("composite", "of neither", [(400, {}, "")], True), ("composite", "429 by the defaults", down(429, 1, {"Retry-After": "5"}), False), ("composite_backoff", "of the second handler", down(418, 2), False),
    ("retry_200", "200 that asks to retry", [{"retry": True}, OK], False), ("two_strategies", "the second is read", down(429, 1, {"B": "4"}), False), ("retry_404", "a 4xx that is retried", down(404, 2), False), ("ignored_default", "401", [(401, {}, "")], True),
]
case(
    "error-handlers",
    manifest([
        stream("plain", path="/x"),
        handled("constant", HANDLER(**WAIT("ConstantBackoffStrategy", backoff_time_in_seconds=4))),
        handled("constant_template", HANDLER(**WAIT("ConstantBackoffStrategy", backoff_time_in_seconds="{{ config['wait'] }}"))),
        handled("exponential", HANDLER(**WAIT("ExponentialBackoffStrategy", factor=3))),
        handled("exponential_default", HANDLER(**WAIT("ExponentialBackoffStrategy"))),
        handled("header", HANDLER(**WAIT("WaitTimeFromHeader", header="Retry-After"))),
        handled("header_regex", HANDLER(**WAIT("WaitTimeFromHeader", header="{{ config['header'] }}", regex="([0-9]+)"))),
        handled("header_max", HANDLER(**WAIT("WaitTimeFromHeader", header="Retry-After", max_waiting_time_in_seconds=60))),
        handled("until", HANDLER(**WAIT("WaitUntilTimeFromHeader", header="X-Reset"))),
        handled("until_min", HANDLER(**WAIT("WaitUntilTimeFromHeader", header="X-Reset", min_wait=10))),
        handled("until_regex", HANDLER(**WAIT("WaitUntilTimeFromHeader", header="X-Reset", regex="t=([0-9]+)"))),
        handled("retries", HANDLER(max_retries=2)), handled("retries_none", HANDLER(max_retries=0)), handled("retries_template", HANDLER(max_retries="{{ config['retries'] }}")),
        handled("ignore", HANDLER({"http_codes": [404], "action": "IGNORE"})), handled("message", HANDLER({"error_message_contains": "not enabled", "action": "IGNORE"})),
        handled("predicate", HANDLER({"predicate": "{{ response.ok == false }}", "action": "FAIL", "error_message": "the body says {{ response.error }}", "failure_type": "config_error"})),
        handled("header_predicate", HANDLER({"predicate": "{{ headers.get('X-Left') == '0' }}", "action": "RETRY"})),
        handled("success", HANDLER({"http_codes": [400], "action": "SUCCESS"})), handled("fail_message", HANDLER({"http_codes": [402], "action": "FAIL", "error_message": "pay {{ response.error.message }} {{ config['wait'] }}"})),
        handled("fail_type", HANDLER({"http_codes": [402], "failure_type": "transient_error"})), handled("rate_limited", HANDLER({"http_codes": [403], "action": "RATE_LIMITED"}, **WAIT("ConstantBackoffStrategy", backoff_time_in_seconds=1), max_retries=9)),
        handled("order", HANDLER({"error_message_contains": "both", "action": "IGNORE"}, {"http_codes": [400], "action": "FAIL"})),
        handled("composite", HANDLER({"http_codes": [404], "action": "RETRY"}, **WAIT("ConstantBackoffStrategy", backoff_time_in_seconds=2)), HANDLER({"http_codes": [410], "action": "IGNORE"}, **WAIT("WaitTimeFromHeader", header="Retry-After"))),
        handled("composite_backoff", HANDLER({"http_codes": [404], "action": "IGNORE"}), HANDLER({"http_codes": [418], "action": "RETRY"}, **WAIT("ConstantBackoffStrategy", backoff_time_in_seconds=7))),
        handled("retry_200", HANDLER({"predicate": "{{ response.get('retry') }}", "action": "RETRY"})),
        handled("two_strategies", HANDLER(backoff_strategies=[{"type": "WaitTimeFromHeader", "header": "A"}, {"type": "WaitTimeFromHeader", "header": "B"}])),
        handled("retry_404", HANDLER({"http_codes": [404], "action": "RETRY"})), handled("ignored_default", HANDLER({"http_codes": [403], "action": "IGNORE"})),
    ]),
    {"wait": 6, "header": "X-Wait", "retries": 1},
    [{"stream": n, "case": c, "routes": {"/x": a, "/moved": [OK]}, "fails": f} for n, c, a, f in EXPECTED],
)

PROPERTIES = {"type": "QueryProperties", "property_list": ["a", "b", "c", "d", "e"]}
CHUNKS = {"type": "PropertyChunking", "property_limit_type": "property_count", "property_limit": 2, "record_merge_strategy": {"type": "GroupByKeyMergeStrategy", "key": "id"}}
by_properties = lambda r: items(*[{"id": f"r{i}", **{p: f"{p}{i}" for p in r.query.get("properties", "").split(",") if p and not (p == "d" and i == 2)}} for i in (1, 2, 3)])
case(
    "properties",
    manifest([
        asking("all", request_parameters={"properties": PROPERTIES, "fixed": "1"}),
        asking("chunks", request_parameters={"properties": {**PROPERTIES, "property_chunking": CHUNKS}}),
        asking("chunks_always", request_parameters={"properties": {**PROPERTIES, "always_include_properties": ["id", "z"], "property_chunking": CHUNKS}}),
        asking("characters", request_parameters={"properties": {**PROPERTIES, "property_list": ["aaa", "bb", "c", "dddddd"], "property_chunking": {**CHUNKS, "property_limit_type": "characters", "property_limit": 8}}}),
        asking("no_merge", request_parameters={"properties": {**PROPERTIES, "property_chunking": {k: v for k, v in CHUNKS.items() if k != "record_merge_strategy"}}}),
        asking("endpoint", request_parameters={"properties": {"type": "QueryProperties", "property_list": {"type": "PropertiesFromEndpoint", "property_field_path": ["name"], "retriever": stream("p", path="/properties")["retriever"]}, "property_chunking": CHUNKS}}),
        asking("selected", request_parameters={"properties": {**PROPERTIES, "property_selector": {"type": "JsonSchemaPropertySelector"}, "property_chunking": CHUNKS}}),
        asking("query_properties", query_properties=PROPERTIES, request_parameters={"properties": "{{ query_properties | join(';') }}"}),
    ]),
    {},
    ["all", "chunks", "chunks_always", "characters", "no_merge", "endpoint", {"stream": "selected", "selected": ["a", "c", "e", "q"]}, {"stream": "chunks", "selected": ["a"]}, {"stream": "query_properties", "fails": True}, {"stream": "chunks", "case": "a merge key that is an integer", "fails": True, "routes": {"/x": [items({"id": 1, "a": 1})]}}],
    {"/x": by_properties, "/properties": [items({"name": "a"}, {"name": "b c"}, {"name": "e"})]},
)

case("refused-two-bodies", manifest([asking("x", http_method="POST", request_body_json={"a": 1}, request_body_data={"b": "2"})]), {}, [{"stream": "x", "fails": True}])
case("refused-page-size-option", manifest([deep(asking("x"), {"retriever": {"paginator": {"type": "DefaultPaginator", "page_size_option": OPTION("request_parameter", "size"), "pagination_strategy": PAGE()}}})]), {}, [{"stream": "x", "fails": True}])
case(
    "api-budget",
    manifest(
        [stream("limited", path="/limited", retriever={"partition_router": LIST("p", ["a", "b", "c", "d"], OPTION("request_parameter", "p"))}), stream("windowed", path="/windowed", retriever={"partition_router": LIST("p", ["a", "b", "c"], OPTION("request_parameter", "p"))}), stream("free", path="/free", retriever={"partition_router": LIST("p", ["a", "b", "c"])})],
        api_budget={"type": "HTTPAPIBudget", "ratelimit_reset_header": "X-Reset", "ratelimit_remaining_header": "X-Left", "policies": [
            {"type": "MovingWindowCallRatePolicy", "rates": [{"type": "Rate", "limit": 2, "interval": "PT10S"}], "matchers": [{"type": "HttpRequestRegexMatcher", "method": "GET", "url_base": BASE, "url_path_pattern": "^/limited"}]},
            {"type": "FixedWindowCallRatePolicy", "period": "PT1M", "call_limit": 2, "matchers": [{"type": "HttpRequestRegexMatcher", "url_path_pattern": "/windowed"}]},
            {"type": "UnlimitedCallRatePolicy", "matchers": []},
        ]},
    ),
    {},
    ["limited", "windowed", "free"],
    {"*": [items({"id": 1})]},
)

RESET = lambda action, **kw: {"type": "PaginationReset", "action": action, **kw}
DATED = {"type": "DatetimeBasedCursor", "cursor_field": "updated", "datetime_format": "%Y-%m-%d", "start_datetime": "2026-02-20", "end_datetime": "2026-02-28", "start_time_option": OPTION("request_parameter", "from"), "end_time_option": OPTION("request_parameter", "to"), "step": "P30D", "cursor_granularity": "P1D"}
PAGED = {"type": "DefaultPaginator", "page_token_option": OPTION("request_parameter", "page"), "pagination_strategy": PAGE(page_size=2, start_from_page=1)}
days = lambda *ds: items(*[{"id": d, "updated": f"2026-02-{d}"} for d in ds])
case(
    "pagination-reset",
    manifest([
        stream("split", path="/x", incremental_sync=DATED, retriever={"paginator": PAGED, "pagination_reset": RESET("SPLIT_USING_CURSOR", limits={"type": "PaginationResetLimits", "number_of_records": 4})}),
        stream("split_on_error", path="/x", incremental_sync=DATED, requester={"error_handler": HANDLER({"http_codes": [400], "action": "RESET_PAGINATION"})}, retriever={"paginator": PAGED, "pagination_reset": RESET("SPLIT_USING_CURSOR")}),
        stream("again", path="/x", requester={"error_handler": HANDLER({"http_codes": [400], "action": "RESET_PAGINATION"})}, retriever={"paginator": PAGED, "pagination_reset": RESET("RESET")}),
    ]),
    {},
    [
        {"stream": "split", "routes": {"/x": [days(20, 21), days(22, 23), days(23, 24), days(25)]}},
        {"stream": "split_on_error", "routes": {"/x": [days(20, 21), (400, {}, "deep"), days(21, 22), days(23)]}},
        {"stream": "again", "routes": {"/x": [days(20, 21), (400, {}, "expired"), days(20, 21), days(22)]}},
        {"stream": "again", "case": "it never ends well", "fails": True, "routes": {"/x": [days(20, 21), (400, {}, "x"), days(20, 21), (400, {}, "x"), days(20, 21), (400, {}, "x"), days(20, 21), (400, {}, "x"), days(20, 21), (400, {}, "x")]}},
    ],
)
