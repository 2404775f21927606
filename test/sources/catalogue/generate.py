"""Plays the answers of the cassettes beside this file to the Python CDK, with the manifests of the catalogue.

    pip install airbyte-cdk==7.39.1 freezegun==1.5.5
    python generate.py [--check] [name…]

What the CDK asks, waits, emits and keeps as state is written back to the cassettes (run oxfmt on them afterwards); with
--check it is compared only.
A cassette's answers are written by hand, after the provider's documentation. To script another page or answer, add an
exchange with `request.method`, `request.url` and the `response`, and run this: the rest is filled in. A run with
a `state` that is not null continues from the run before it. A request gets the first answer left whose method and
address are the same, body included where there is one; else, as a manifest that changed asks differently, the first
left of the same method and path.
"""

import json
import pathlib
import sys
from urllib.parse import urlsplit

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "manifest" / "oracle" / "generate"))
import harness  # noqa: E402

CATALOGUE = HERE.parents[2] / "src" / "sources" / "catalogue"


class NotScripted(BaseException):
    """Raised past the CDK's handlers of `Exception`."""


def body_of(text):
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


class Script:
    """An upstream that gives the answers of a cassette's run."""

    def __init__(self, exchanges):
        self.left = list(exchanges)

    def answer(self, request, asked, number):
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        same = [x for x in self.left if self.path(x) == self.path_of(request.method, request.url)]
        exact = [
            x for x in same if x["request"]["url"] == request.url and body_of(x["request"].get("body")) == body_of(body)
        ]
        if not same:
            raise NotScripted(f"no answer left for request {number}: {request.method} {request.url} {body or ''}")
        chosen = (exact or same)[0]
        self.left.remove(chosen)
        response = chosen["response"]
        return response["status"], response.get("headers", {}), response["body"].encode()

    def path(self, exchange):
        return self.path_of(exchange["request"]["method"], exchange["request"]["url"])

    @staticmethod
    def path_of(method, url):
        return method, urlsplit(url).netloc, urlsplit(url).path


def play(cassette):
    """The cassette as the CDK would have it now, and what of its answers nobody asked for."""
    text = (CATALOGUE / cassette["manifest"]).read_text(encoding="utf-8")
    manifest = harness.read_manifest(text, cassette.get("replace", ()))
    runs, unasked, state = [], [], None
    for number, scripted in enumerate(cassette["runs"]):
        script = Script(scripted["exchanges"])
        continued = state if scripted["state"] is not None else None
        run = harness.run(manifest, cassette["config"], scripted["stream"], cassette["now"], script, continued)
        state = run["state_after"]
        runs.append({key: value for key, value in run.items() if key not in ("slices", "_exceptions")})
        unasked += [f"run {number} ({scripted['stream']}): {script.path(left)}" for left in script.left]
    return {**cassette, "runs": runs}, unasked


def main(arguments):
    check = "--check" in arguments
    names = [name for name in arguments if name != "--check"] or sorted(path.stem for path in HERE.glob("*.json"))
    failures = 0
    for name in names:
        path = HERE / f"{name}.json"
        before = json.loads(path.read_text(encoding="utf-8"))
        try:
            after, unasked = play(before)
        except NotScripted as fault:
            after, unasked = before, [str(fault)]
        differs = after != before
        failures += bool(unasked) or (check and differs)
        print(f"{name}: {'differs' if differs else 'same'}", *unasked, sep="\n  ")
        if differs and not check:
            path.write_text(json.dumps(after, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
