"""Records a cassette for each manifest of a folder of real ones.

    python catalogue.py MANIFESTS [name…]
"""

import itertools
import json
import pathlib
import re
import sys

import jsonschema
from airbyte_cdk.sources.declarative.interpolation.interpolated_boolean import InterpolatedBoolean
from config import config_of
from harness import make_source, read_manifest, run
from overrides import CONFIG, COUNTS, DATES, ERRORS_OF_DEFAULTS, EVERY_STREAM, REPLACE, SINGLE, SKIP, STREAMS
from upstream import Upstream, paths_in, put, walk

HERE = pathlib.Path(__file__).parent.parent
NOW, LATER = "2026-03-01T12:00:00Z", "2026-03-03T06:30:00Z"
ANOTHER_NOW = "2026-06-15T08:00:00Z"


def smaller_pages(text):
    """Replacements that make pages of three records where the manifest fixes a larger size."""
    replace = []
    for old in dict.fromkeys(re.findall(r"page_size: \d+\n", text)):
        if int(old.split(":")[1]) > 3:
            replace.append([old, "page_size: 3\n"])
    for old in dict.fromkeys(re.findall(r"last_page_size (?:<|==|!=) \d+", text)):
        number = int(old.split()[-1])
        if number > 3:
            replace.append([old, " ".join(old.split()[:-1] + ["3"])])
    # The longest first: replacing is by plain text, and one may begin another.
    return sorted(replace, key=lambda r: -len(r[0]))


def features(node, found=None):
    found = set() if found is None else found
    for n in walk(node):
        kind = n.get("type")
        if not isinstance(kind, str) or not kind[:1].isupper() or kind in ("DeclarativeStream", "InlineSchemaLoader"):
            continue
        for key, value in n.items():
            if key in ("type", "$parameters", "schema_loader", "schema", "name", "primary_key", "description"):
                continue
            found.add(f"{kind}.{key}")
            if key in ("inject_into", "http_method", "action", "datetime_format") and isinstance(value, str):
                found.add(f"{kind}.{key}={value}")
    return found


def without_schemas(stream):
    return {k: v for k, v in stream.items() if k not in ("schema_loader", "$parameters")}


def choose(name, streams, known):
    if name in STREAMS:
        return STREAMS[name]
    if name in EVERY_STREAM:
        return [s["name"] for s in streams]
    of = {s["name"]: features(without_schemas(s)) for s in streams}
    chosen = []
    for turn in range(3):
        left = [s for s in of if s not in chosen]
        if not left:
            break
        best = max(left, key=lambda s: (len(of[s] - known), len(of[s]) if turn == 0 else -len(of[s])))
        if turn == 2 and not of[best] - known:
            break
        chosen.append(best)
        known |= of[best]
    return chosen


def written(run_, case=None):
    run_ = {k: v for k, v in run_.items() if not k.startswith("_")}
    return {"stream": run_.pop("stream"), **({"case": case} if case else {}), **run_}


def tiny(name, stream_slice, page, order):
    return (0 if page else 2 if order == 0 else 1), False


def handlers_of(stream):
    handler = stream.get("retriever", {}).get("requester", {}).get("error_handler") or {}
    return handler.get("error_handlers") or [handler] if handler else []


def faults_of(stream, config):
    """[(case, answer to the first request(s), how often)] for what the stream's error handlers tell apart."""
    cases = []
    handlers = handlers_of(stream)
    headers = {}
    for strategy in [s for h in handlers for s in h.get("backoff_strategies") or []]:
        header = strategy.get("header")
        if header:
            at = "1772366460" if strategy["type"] == "WaitUntilTimeFromHeader" else "9"
            headers[header] = at
    cases.append(("429 with Retry-After, then well", (429, {"Retry-After": "7"}, {"message": "slow down"}), 1))
    if headers:
        cases.append(("429 with the header that the backoff reads, then well", (429, headers, {"message": "slow down"}), 1))
        cases.append(("503 with the header that the backoff reads, then well", (503, headers, "down"), 1))
    cases.append(("503 twice, then well", (503, {"content-type": "text/plain"}, "down"), 2))
    cases.append(("401", (401, {}, {"error": {"message": "who are you"}}), 99))
    cases.append(("404", (404, {}, {"errors": ["no such thing"]}), 99))
    cases.append(("500 for good", (500, {}, {"detail": "boom"}), 99))
    for handler in handlers:
        for f in handler.get("response_filters") or []:
            action = f.get("action", "")
            for code in [c for c in f.get("http_codes") or [] if c not in (401, 404)][:2]:
                cases.append((f"{code}: {action}", (int(code), headers, {"message": "as the filter says"}), 1 if action in ("RETRY", "RATE_LIMITED") else 99))
            text = f.get("error_message_contains")
            if text:
                for status in (400, 200):
                    cases.append((f"{status} with a message that a filter knows: {action}", (status, headers, {"message": f"Sorry: {text}."}), 1 if action in ("RETRY", "RATE_LIMITED") else 99))
            predicate = f.get("predicate")
            if predicate:
                reads = [("response", p) for p in paths_in(predicate, "response")] + [("headers", p) for p in paths_in(predicate, "headers")]
                literals = re.findall(r"['\"]([^'\"]+)['\"]", predicate)
                numbers = [int(n) for n in re.findall(r"(?<![\w'\"])(\d+)", predicate)]
                for combination in itertools.islice(itertools.product(*[[*literals, *numbers, True, False, 0, "x"]] * len(reads)), 3000):
                    body, given = {}, dict(headers)
                    for (where, path), value in zip(reads, combination):
                        if where == "headers":
                            given[str(path[0])] = str(value)
                        else:
                            put(body, list(path), value)
                    if InterpolatedBoolean(condition=predicate, parameters=f.get("$parameters") or {}).eval(config, response=body, headers=given):
                        for status in (400, 200):
                            cases.append((f"{status} with a body that a predicate knows: {action}", (status, given, body), 1 if action in ("RETRY", "RATE_LIMITED") else 99))
                        break
    return cases


class Faults:
    def __init__(self, stream, answer, times):
        self.stream, self.answer, self.times = stream, answer, times

    def __call__(self, asked):
        if asked.kind == "page" and asked.retriever.name == self.stream and self.times > 0:
            self.times -= 1
            return self.answer
        return None


def same(a, b):
    return [e["request"] for e in a["exchanges"]] == [e["request"] for e in b["exchanges"]] and a["records"] == b["records"]


def record(manifests, name, known):
    text = (pathlib.Path(manifests) / f"{name}.yaml").read_text()
    replace = smaller_pages(text) + REPLACE.get(name, [])
    manifest = read_manifest(text, replace)
    config = CONFIG.get(name) or config_of(manifest)
    if name in DATES:
        config["start_date"] = DATES[name]
    jsonschema.validate(config, manifest["spec"]["connection_specification"])
    source = make_source(manifest, config)
    streams = {s["name"]: s for s in source.resolved_manifest["streams"]}
    hooks = {"count": COUNTS.get(name), "single": SINGLE.get(name, ())}
    runs, timeless, notes = [], True, []
    smallest = None
    queue = choose(name, list(streams.values()), known)
    spare = [s for s in streams if s not in queue][:3]
    while queue:
        stream = queue.pop(0)
        first = run(manifest, config, stream, NOW, Upstream(manifest, config, hooks=hooks))
        if first["error"]:
            notes.append(f"{stream}: {first['error']['message'][:200]}")
            if "over 100 exchanges" in first["error"]["message"] or not first["exchanges"]:
                queue += spare[:1]
                spare = spare[1:]
                continue
        runs.append(written(first))
        other = run(manifest, config, stream, ANOTHER_NOW, Upstream(manifest, config, hooks=hooks))
        timeless = timeless and same(first, other)
        plain = len(first["exchanges"]) and not first["error"]
        if plain and (smallest is None or len(handlers_of(streams[stream])) > len(handlers_of(streams[smallest])) or (len(handlers_of(streams[stream])) == len(handlers_of(streams[smallest])) and len(first["exchanges"]) < size)):
            smallest, size = stream, len(first["exchanges"])
        if streams[stream].get("incremental_sync") and first["state_after"]:
            second = run(manifest, config, stream, LATER, Upstream(manifest, config, generation=2, hooks=hooks), state=first["state_after"])
            runs.append(written(second) | {"now": LATER})
    if smallest and (handlers_of(streams[smallest]) or name in ERRORS_OF_DEFAULTS):
        for case, answer, times in faults_of(streams[smallest], config):
            # Where several partitions are read, one that fails for good is followed by some that don't.
            if times == 99 and streams[smallest].get("retriever", {}).get("partition_router"):
                times = 6
            faulty = run(manifest, config, smallest, NOW, Upstream(manifest, config, faults=Faults(smallest, answer, times), hooks={**hooks, "count": tiny}))
            runs.append(written(faulty, case))
    cassette = {"manifest": f"{name}.yaml", "now": NOW, "timeless": timeless, **({"replace": replace} if replace else {}), "config": config, "runs": runs}
    return cassette, notes


def write(path, cassette):
    """JSON with one exchange and one record a line."""
    lines = ["{"]
    head = {k: v for k, v in cassette.items() if k != "runs"}
    lines += [f" {json.dumps(k)}: {json.dumps(v, ensure_ascii=False, allow_nan=False)}," for k, v in head.items()]
    lines.append(' "runs": [')
    for i, r in enumerate(cassette["runs"]):
        lines.append("  {")
        fields = list(r.items())
        for j, (key, value) in enumerate(fields):
            comma = "," if j + 1 < len(fields) else ""
            if key in ("exchanges", "records") and value:
                entries = ",\n".join("    " + json.dumps(v, ensure_ascii=False, allow_nan=False) for v in value)
                lines.append(f"   {json.dumps(key)}: [\n{entries}\n   ]{comma}")
            else:
                lines.append(f"   {json.dumps(key)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}{comma}")
        lines.append("  }" + ("," if i + 1 < len(cassette["runs"]) else ""))
    lines += [" ]", "}"]
    path.write_text("\n".join(lines) + "\n")


def main(manifests, names):
    for name in names or [p.stem for p in sorted(pathlib.Path(manifests).glob("*.yaml"))]:
        if name in SKIP:
            continue
        try:
            cassette, notes = record(manifests, name, set())
        except Exception as exception:
            print(f"!! {name}: {type(exception).__name__}: {str(exception)[:300]}", flush=True)
            continue
        path = HERE / "cassettes" / f"{name}.json"
        if not cassette["runs"]:
            print(f"!! {name}: no run; {notes}", flush=True)
            continue
        write(path, cassette)
        runs = [f"{r['stream']}{'/' + r['case'][:12] if 'case' in r else ''}:{len(r['exchanges'])}x{len(r['records'])}" + ("!" if r["error"] else "") for r in cassette["runs"]]
        print(f"{name} {path.stat().st_size} timeless={cassette['timeless']} {' '.join(runs)} {notes or ''}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
