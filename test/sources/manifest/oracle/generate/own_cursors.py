"""Cursors: formats, boundaries, partitions with state, delegation by state."""

from own_support import BASE, case, deep, items, manifest, rows, stream

OPTION = lambda where, field=None, **kw: {"type": "RequestOption", "inject_into": where, **({"field_name": field} if field else {}), **kw}
LIST = lambda field, values, option=None: {"type": "ListPartitionRouter", "cursor_field": field, "values": values, **({"request_option": option} if option else {})}
FROM, TO = OPTION("request_parameter", "from"), OPTION("request_parameter", "to")
CURSOR = {"type": "DatetimeBasedCursor", "cursor_field": "updated", "datetime_format": "%Y-%m-%dT%H:%M:%SZ", "start_datetime": {"type": "MinMaxDatetime", "datetime": "2026-02-20T00:00:00Z"}, "end_datetime": {"type": "MinMaxDatetime", "datetime": "2026-02-25T00:00:00Z"}, "start_time_option": FROM, "end_time_option": TO}


def dated(name, path="/rows", router=None, requester=None, **cursor):
    made = {k: v for k, v in {**deep(CURSOR, cursor), **{k: v for k, v in cursor.items() if k.endswith("_option")}}.items() if v is not None}
    return stream(name, path=path, incremental_sync=made, requester=requester, retriever={"partition_router": router} if router else None)


iso = lambda d, t="10:00:00": f"2026-02-{d:02d}T{t}Z"
FIRST = items({"id": 1, "updated": iso(21)}, {"id": 2, "updated": iso(23)}, {"id": 3, "updated": iso(22)}, {"id": 4, "updated": None}, {"id": 5})
SECOND = items({"id": 6, "updated": iso(24)}, {"id": 2, "updated": iso(23)}, {"id": 1, "updated": iso(21)})
AGAIN = [{"case": "from the state before", "routes": {"/rows": [SECOND]}}]
FORMATS = {
    "seconds": ("%s", "1771545600", "1771977600", [1771600000, "1771700000"]), "seconds_float": ("%s_as_float", "1771545600.0", "1771977600.0", [1771600000.5, "1771700000.25"]), "millis": ("%ms", "1771545600000", "1771977600000", [1771600000123]),
    "micros": ("%epoch_microseconds", "1771545600000000", "1771977600000000", [1771600000123456]), "date": ("%Y-%m-%d", "2026-02-20", "2026-02-25", ["2026-02-22"]), "fraction": ("%Y-%m-%dT%H:%M:%S.%fZ", "2026-02-20T00:00:00.000000Z", "2026-02-25T00:00:00.000000Z", ["2026-02-22T01:02:03.4Z"]),
    "milli_fraction": ("%Y-%m-%dT%H:%M:%S.%_msZ", "2026-02-20T00:00:00.000Z", "2026-02-25T00:00:00.000Z", ["2026-02-22T01:02:03.456Z"]), "offset": ("%Y-%m-%dT%H:%M:%S%z", "2026-02-20T00:00:00+0000", "2026-02-25T00:00:00+0000", ["2026-02-22T01:02:03+0530"]), "month": ("%Y-%m", "2026-01", "2026-03", ["2026-02"]), "us": ("%m/%d/%Y %H:%M", "02/20/2026 00:00", "02/25/2026 00:00", ["02/22/2026 13:05"]), "compact": ("%Y%m%d%H%M%S", "20260220000000", "20260225000000", [20260222010203]),
    "named": ("%d %b %Y", "20 Feb 2026", "25 Feb 2026", ["22 Feb 2026"]),
}
case(
    "cursor-formats",
    manifest(
        [dated(name, datetime_format=f, start_datetime={"datetime": start, "datetime_format": f}, end_datetime={"datetime": end, "datetime_format": f}, path=f"/{name}") for name, (f, start, end, _) in FORMATS.items()]
        + [
            dated("several", cursor_datetime_formats=["%Y-%m-%dT%H:%M:%S.%f%z", "%s", "%Y-%m-%d"], path="/several"),
            dated("other_start_format", datetime_format="%s", start_datetime={"datetime": "{{ config['start'] }}", "datetime_format": "%Y-%m-%d"}, path="/other"),
            dated("start_text", start_datetime="{{ config['start'] }}T00:00:00Z", path="/other"),
            dated("min_max", start_datetime={"datetime": "2020-01-01T00:00:00Z", "min_datetime": "2026-02-21T00:00:00Z"}, end_datetime={"datetime": "{{ now_utc().strftime('%Y-%m-%dT%H:%M:%SZ') }}", "max_datetime": "2026-02-24T00:00:00Z"}, path="/other"),
            dated("no_end", end_datetime=None, path="/other"), dated("options_header", start_time_option=OPTION("header", "X-From"), end_time_option=OPTION("header", "X-To"), path="/other"),
            dated("options_json", start_time_option=OPTION("body_json", field_path=["range", "from"]), end_time_option=OPTION("body_json", field_path=["range", "to"]), path="/other", requester={"http_method": "POST"}),
            dated("no_options", start_time_option=None, end_time_option=None, path="/other", requester={"request_parameters": {"a": "{{ stream_interval['start_time'] }}", "b": "{{ stream_interval.end_time }}", "c": "{{ stream_slice['start_time'] }}", "d": "{{ format_datetime(stream_interval['end_time'], '%s') }}"}}),
            dated("named_fields", partition_field_start="begin", partition_field_end="finish", start_time_option=None, end_time_option=None, path="/other", requester={"request_parameters": {"a": "{{ stream_interval['begin'] }}", "b": "{{ stream_interval.finish }}"}}),
            dated("nested_field", cursor_field="meta.updated", path="/other"), dated("template_field", cursor_field="{{ config['field'] }}", path="/other"),
        ]
    ),
    {"start": "2026-02-20", "field": "changed"},
    [{"stream": name, "then": [{}], "routes": {f"/{name}": [items(*[{"id": i, "updated": v} for i, v in enumerate(values)])]}} for name, (_, _, _, values) in FORMATS.items()]
    + [{"stream": n, "then": [{}]} for n in ("several", "other_start_format", "start_text", "min_max", "no_end", "options_header", "options_json", "no_options", "named_fields", "nested_field", "template_field")],
    {"/several": [items({"id": 1, "updated": "2026-02-22T01:02:03.000+01:00"}, {"id": 2, "updated": 1771700000}, {"id": 3, "updated": "2026-02-23"})], "/other": [items({"id": 1, "updated": iso(22), "changed": iso(23), "meta": {"updated": iso(24)}, "meta.updated": iso(21)})]},
)

STEP = {"step": "P2D", "cursor_granularity": "PT1S"}
case(
    "cursor-kinds",
    manifest([
        dated("plain"), dated("stepped", **STEP), dated("lookback", lookback_window="P1D"), dated("lookback_template", lookback_window="{{ config['lookback'] }}", **STEP), dated("feed", is_data_feed=True), dated("client_side", is_client_side_incremental=True, start_time_option=None, end_time_option=None), dated("strict", is_client_side_incremental=True, is_compare_strictly=True), dated("strict_step", is_compare_strictly=True, step="P2D", cursor_granularity="PT0S"),
        deep(dated("feed_paged", is_data_feed=True), {"retriever": {"paginator": {"type": "DefaultPaginator", "page_token_option": OPTION("request_parameter", "page"), "pagination_strategy": {"type": "PageIncrement", "page_size": 3}}}}),
        dated("clamped", clamping={"target": "DAY"}, **STEP), dated("clamped_month", clamping={"target": "MONTH"}, step="P1M", cursor_granularity="P1D", start_datetime={"datetime": "2025-11-15T12:00:00Z"}), dated("clamped_week", clamping={"target": "WEEK", "target_details": {"weekday": "MONDAY"}}, step="P1W", cursor_granularity="P1D", start_datetime={"datetime": "2026-02-01T12:00:00Z"}),
        stream("counter", path="/counter", incremental_sync={"type": "IncrementingCountCursor", "cursor_field": "n", "start_value": 0, "start_value_option": OPTION("request_parameter", "since")}), stream("counter_no_start", path="/counter", incremental_sync={"type": "IncrementingCountCursor", "cursor_field": "n", "start_value_option": OPTION("request_parameter", "since")}),
    ]),
    {"lookback": "PT6H"},
    [{"stream": n, "then": AGAIN} for n in ("plain", "stepped", "lookback", "lookback_template", "feed", "client_side", "strict", "strict_step", "clamped", "clamped_month", "clamped_week")]
    + [{"stream": "counter", "then": [{}]}, {"stream": "counter_no_start", "then": [{}]}, {"stream": "feed_paged", "routes": {"/rows": [SECOND, items({"id": 9, "updated": iso(20)}), items()]}, "then": [{"routes": {"/rows": [SECOND, FIRST, FIRST, items()]}}]},
       {"stream": "plain", "case": "the state of another format", "state": {"updated": "2026-02-22"}, "fails": True}, {"stream": "plain", "case": "a state after the end", "state": {"updated": iso(28)}}, {"stream": "plain", "case": "an empty state", "state": {}}, {"stream": "stepped", "case": "slices with a hole", "state": {"state_type": "date-range", "slices": [{"start": iso(20, "00:00:00"), "end": iso(21, "23:59:59"), "most_recent_cursor_value": iso(21)}, {"start": iso(24, "00:00:00"), "end": iso(25, "00:00:00"), "most_recent_cursor_value": iso(24)}]}},
       {"stream": "stepped", "case": "a slice that fails in the middle", "fails": True, "routes": {"/rows": [FIRST, (404, {}, ""), SECOND]}, "then": [{"case": "after a slice failed", "routes": {"/rows": [SECOND]}}]}],
    {"/rows": [FIRST], "/counter": [items({"id": 1, "n": 5}, {"id": 2, "n": 3}, {"id": 3}), items({"id": 4, "n": 9})]},
)


def parent(name, path=None, key="id", field="parent_id", over=None, **kw):
    return {"type": "ParentStreamConfig", "stream": deep(stream(name, path), over or {}), "parent_key": key, "partition_field": field, **kw}


def substream(*parents):
    return {"type": "SubstreamPartitionRouter", "parent_stream_configs": list(parents)}


dependent = {**parent("parents", "/parents", incremental_dependency=True), "stream": dated("parents", "/parents")}
child_path = "/child/{{ stream_partition['parent_id'] }}"
P1, P2 = items({"id": 1, "updated": iso(21)}, {"id": 2, "updated": iso(22)}), items({"id": 2, "updated": iso(22)}, {"id": 3, "updated": iso(24)})
CHILD1 = {"/parents": [P1], "/child/1": [items({"id": "a", "updated": iso(21, "01:00:00")})], "/child/2": [items({"id": "b", "updated": iso(23)}, {"id": "c"})], "/child/3": [items()]}
CHILD2 = {"/parents": [P2], "/child/1": [items()], "/child/2": [items({"id": "d", "updated": iso(24)})], "/child/3": [items({"id": "e", "updated": iso(20)})]}
then = [{"case": "a late parent", "routes": CHILD2}]
case(
    "cursor-partitions",
    manifest([
        dated("per_partition", child_path, substream(parent("parents"))), dated("per_partition_stepped", child_path, substream(parent("parents")), **STEP), dated("per_list", "/child/{{ stream_partition.p }}", LIST("p", ["1", "2"])),
        dated("global", child_path, substream(parent("parents")), global_substream_cursor=True), dated("global_lookback", child_path, substream(parent("parents")), global_substream_cursor=True, lookback_window="PT2H"), dated("dependent", child_path, substream(dependent)), dated("dependent_global", child_path, substream(dependent), global_substream_cursor=True),
        stream("dependent_full", path=child_path, retriever={"partition_router": substream(dependent)}), dated("client_side", child_path, substream(parent("parents")), is_client_side_incremental=True),
        {**dated("migrated", child_path, substream(parent("parents"))), "state_migrations": [{"type": "LegacyToPerPartitionStateMigration"}]},
        dated("grouped", "/child/{{ stream_partition.p | first }}", {"type": "GroupingPartitionRouter", "group_size": 2, "underlying_partition_router": LIST("p", ["1", "2", "3"])}),
    ]),
    {},
    [{"stream": n, "then": then} for n in ("per_partition", "per_partition_stepped", "per_list", "global", "global_lookback", "dependent", "dependent_global", "dependent_full", "client_side", "grouped")]
    + [{"stream": "migrated", "state": {"1": {"updated": iso(22)}, "2": {"updated": iso(23)}}}, {"stream": "per_partition", "case": "a state of the whole stream", "state": {"updated": iso(22)}}, {"stream": "per_partition", "case": "a state for partitions", "state": {"states": [{"partition": {"parent_id": 1, "parent_slice": {}}, "cursor": {"updated": iso(22)}}], "use_global_cursor": False}},
       {"stream": "per_partition", "case": "a parent without records", "routes": {"/parents": [items()]}}, {"stream": "per_partition", "case": "one partition fails", "fails": True, "routes": {"/child/1": [(404, {}, "")]}, "then": [{"case": "after one partition failed", "routes": CHILD2}]}],
    CHILD1,
)

delegating = lambda name, **kw: {"type": "StateDelegatingStream", "name": name, "full_refresh_stream": dated(name, "/full"), "incremental_stream": dated(name, "/changes"), **kw}
case(
    "state-delegating",
    manifest([delegating("delegating"), delegating("retained", api_retention_period="P7D")]),
    {},
    [{"stream": "delegating", "then": [{}]}, {"stream": "retained", "then": [{}]}, {"stream": "retained", "case": "a state older than the retention", "state": {"updated": "2025-01-01T00:00:00Z"}}, {"stream": "retained", "case": "a young state", "state": {"updated": "2026-02-27T00:00:00Z"}}],
    {"/full": [FIRST], "/changes": [SECOND]},
)
