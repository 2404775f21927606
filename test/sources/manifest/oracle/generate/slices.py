"""A table of how the CDK cuts time into slices: ../slices.json."""

import itertools
import json
import pathlib

from harness import run
from own_cursors import CURSOR
from own_support import BASE, deep, items, manifest, stream
from upstream import Upstream

NOWS = ["2026-03-01T12:00:00Z", "2024-02-29T23:59:59Z"]
SECONDS, DAYS, MILLIS, EPOCH, EPOCH_MS, MONTHS = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%fZ", "%s", "%ms", "%Y-%m"


def entry(start, end=None, step=None, granularity=None, form=SECONDS, lookback=None, state=None, now=NOWS[0], **more):
    return {"now": now, "cursor": {"cursor_field": "updated", "datetime_format": form, "start_datetime": start, **({"end_datetime": end} if end else {}), **({"step": step} if step else {}), **({"cursor_granularity": granularity} if granularity else {}), **({"lookback_window": lookback} if lookback else {}), **more}, "state": state}


def table():
    made = []
    for step, granularity in [(None, None), ("P1D", "P1D"), ("P2D", "P1D"), ("P7D", "P1D"), ("P1M", "P1D"), ("P30D", "P1D"), ("P1Y", "P1D"), ("P1W", "P1D"), ("P3D", "PT1S"), ("P10D", "P2D"), ("P1D", "P5D")]:
        for start, end in [("2026-02-20", "2026-02-28"), ("2026-02-25", None), ("2026-02-28", "2026-02-28"), ("2026-03-05", None), ("2025-12-31", "2026-03-01")]:
            if (step in ("P1D",) and start.startswith("2025")) or (step is None and granularity):
                continue
            made.append(entry(start, end, step, granularity, DAYS))
    for step, granularity in [(None, None), ("PT6H", "PT1S"), ("P1D", "PT1S"), ("PT12H", "PT0.001S"), ("P1D", "PT1M"), ("PT36H", "PT1H"), ("P1M", "PT1S")]:
        made.append(entry("2026-02-27T05:06:07Z", None, step, granularity))
        made.append(entry("2026-02-27T00:00:00Z", "2026-03-01T00:00:00Z", step, granularity))
        made.append(entry("2026-02-27T05:06:07.123Z", "2026-03-01T01:00:00.999Z", step, granularity, MILLIS))
    for form, start, end in [(EPOCH, "1772150400", "1772366400"), (EPOCH_MS, "1772150400000", "1772366400000"), ("%s_as_float", "1772150400.5", "1772366400.0"), ("%epoch_microseconds", "1772150400000000", "1772366400000001"), (MONTHS, "2025-11", "2026-02"), ("%d/%m/%Y", "20/02/2026", "01/03/2026"), ("%Y-%m-%dT%H:%M:%S%z", "2026-02-27T00:00:00+0200", "2026-03-01T00:00:00-0500"), ("%Y-%m-%dT%H:%M:%S.%_msZ", "2026-02-27T00:00:00.100Z", "2026-03-01T00:00:00.200Z")]:
        for step, granularity in [(None, None), ("P1D", "PT1S"), ("P1M", "P1D")]:
            made.append(entry(start, end, step, granularity, form))
    for lookback, state, step in itertools.product([None, "P1D", "P3D", "PT1H"], [None, {"updated": "2026-02-24"}, {"updated": "2026-02-20"}, {"updated": "2026-02-01"}, {"updated": "2026-04-01"}], [None, "P3D"]):
        made.append(entry("2026-02-20", None, step, "P1D" if step else None, DAYS, lookback, state))
    ranges = lambda *pairs: {"state_type": "date-range", "slices": [{"start": s, "end": e, **({"most_recent_cursor_value": m} if m else {})} for s, e, m in pairs]}
    for state in [
        ranges(("2026-02-20", "2026-02-22", "2026-02-21")), ranges(("2026-02-20", "2026-02-22", None)), ranges(("2026-02-20", "2026-02-22", None), ("2026-02-23", "2026-02-24", None)), ranges(("2026-02-20", "2026-02-22", None), ("2026-02-25", "2026-02-26", None)),
        ranges(("2026-02-22", "2026-02-23", None)), ranges(("2026-02-10", "2026-02-23", None)), ranges(("2026-02-20", "2026-03-01", None)), {"state_type": "date-range", "slices": []},
    ]:
        for step, granularity, lookback in [(None, None, None), ("P2D", "P1D", None), ("P2D", "P1D", "P1D"), (None, "P1D", None)]:
            made.append(entry("2026-02-20", None, step, granularity, DAYS, lookback, state))
    for target, details in [("DAY", None), ("WEEK", {"weekday": "MONDAY"}), ("WEEK", {"weekday": "SUNDAY"}), ("MONTH", None)]:
        clamping = {"target": target, **({"target_details": details} if details else {})}
        for step in ("P1D", "P1W", "P1M"):
            made.append(entry("2026-01-14T15:16:17Z", None, step, "PT1S", SECONDS, clamping=clamping))
    for start in ["2023-01-31", "2024-01-31", "2024-02-29"]:
        for step in ["P1M", "P1Y", "P1M1D"]:
            made.append(entry(start, None, step, "P1D", DAYS, now=NOWS[1]))
    for minimum, maximum in [("2026-02-22", None), (None, "2026-02-15"), ("2026-02-10", "2026-02-18")]:
        made.append(entry({"type": "MinMaxDatetime", "datetime": "2026-02-20", "datetime_format": DAYS, **({"min_datetime": minimum} if minimum else {}), **({"max_datetime": maximum} if maximum else {})}, None, "P5D", "P1D", DAYS))
    return made


def main():
    lines = []
    for case in table():
        document = manifest([stream("x", incremental_sync={"type": "DatetimeBasedCursor", **case["cursor"]})])
        hooks = {"answer": lambda *asked: (200, {}, items())}
        made = run(document, {}, "x", case["now"], Upstream(document, {}, hooks=hooks), state=case["state"])
        slices = [list(s["cursor_slice"].values()) for s in made["slices"]]
        lines.append(json.dumps({**case, "slices": slices, "state_after": made["state_after"], **({"error": made["error"]} if made["error"] else {})}))
    (pathlib.Path(__file__).parent.parent / "slices.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(len(lines), sum('"error"' in l for l in lines))


if __name__ == "__main__":
    main()
