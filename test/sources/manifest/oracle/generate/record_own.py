"""Writes own/*.yaml and records a cassette for each.

    python record_own.py [name…]
"""

import sys
import traceback

import own_auth
import own_cursors
import own_parts
import own_references
import own_requests
from catalogue import write, written
from harness import read_manifest, run
from own_support import CASES, HERE, Routes
from upstream import Upstream

ANOTHER_NOW = "2027-06-15T08:00:00Z"


def one(manifest, case, entry, state, now):
    config = entry.get("config", case["config"])
    upstream = Upstream(manifest, config, hooks={"answer": Routes({**case["routes"], **entry.get("routes", {})})})
    return run(manifest, config, entry["stream"], now, upstream, state=state, selected_properties=entry.get("selected"))


def record(name, case):
    manifest = read_manifest((HERE / "own" / f"{name}.yaml").read_text())
    runs, timeless, unexpected = [], True, []
    for entry in case["runs"]:
        entry = {"stream": entry} if isinstance(entry, str) else entry
        state = entry.get("state")
        for turn in [entry, *entry.get("then", [])]:
            turn = {**entry, **turn}
            now = turn.get("now", case["now"])
            made = one(manifest, case, turn, state, now)
            again = one(manifest, case, turn, state, ANOTHER_NOW)
            timeless = timeless and [e["request"] for e in made["exchanges"]] == [e["request"] for e in again["exchanges"]] and made["records"] == again["records"]
            more = {k: turn[k] for k in ("config", "now", "selected") if k in turn}
            runs.append({**written(made, turn.get("case")), **more})
            if made["error"] and not turn.get("fails"):
                unexpected.append((turn["stream"], made["error"], made["_exceptions"]))
            state = made["state_after"]
    cassette = {"manifest": f"own/{name}.yaml", "now": case["now"], "timeless": timeless, "config": case["config"], "runs": runs}
    path = HERE / "cassettes" / f"own-{name}.json"
    write(path, cassette)
    shown = [f"{r['stream']}:{len(r['exchanges'])}x{len(r['records'])}" + ("!" if r["error"] else "") for r in runs]
    print(name, path.stat().st_size, f"timeless={timeless}", *shown, flush=True)
    for stream, error, exceptions in unexpected:
        print("   ??", stream, str(error)[:400])
        if "-v" in sys.argv:
            for e in exceptions:
                traceback.print_exception(e)


if __name__ == "__main__":
    names = [n for n in sys.argv[1:] if not n.startswith("-")]
    for name in names or CASES:
        try:
            record(name, CASES[name])
        except Exception as exception:
            print("!!", name, type(exception).__name__, str(exception)[:300])
            if "-v" in sys.argv:
                traceback.print_exc()
