"""Runs one stream of a manifest with the Python CDK against a scripted upstream, and records what went over the wire.

The CDK reads partitions on a thread pool. Here they are read one after another, in the order in which the
stream generates them, so that a recording has one order: generate a partition, read it, close it, generate the next.
"""

import base64
import contextlib
import copy
import io
import json
import logging
import random
import time

import freezegun
import requests
import yaml
from airbyte_cdk.models import (
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStreamState,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
    StreamDescriptor,
)
from airbyte_cdk.sources.declarative.auth.token_provider import SessionTokenProvider
from airbyte_cdk.sources.declarative import concurrent_declarative_source
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource
from airbyte_cdk.sources.declarative.requesters.http_requester import HttpRequester
from airbyte_cdk.sources.declarative.retrievers.simple_retriever import SimpleRetriever
from airbyte_cdk.sources.streams.http.requests_native_auth.abstract_oauth import AbstractOauth2Authenticator
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.response import HTTPResponse

logging.disable(logging.CRITICAL)

# What `requests` sends of its own accord; with any other value the header was asked for.
DEFAULT_HEADERS = requests.utils.default_headers()
OWN_HEADERS = {"content-length", "host", "transfer-encoding"}


class Asked:
    """What the component that sends the next request is: the upstream answers by it."""

    def __init__(self, kind, **facts):
        self.kind = kind
        self.__dict__.update(facts)


class Endless(BaseException):
    """Raised past handlers of `Exception`, which the CDK has in its polling loops."""


class Recorder:
    def __init__(self, upstream):
        self.upstream = upstream
        self.exchanges = []
        self.stack = []
        self.waited = 0
        self.clock = None

    def send(self, request):
        asked = self.stack[-1] if self.stack else Asked("unknown")
        status, headers, body = self.upstream.answer(request, asked, len(self.exchanges))
        exchange = {"request": written_request(request), "response": {"status": status, "headers": dict(headers)}}
        try:
            text = body.decode("utf-8")
            if text.encode("utf-8") != body:
                raise UnicodeDecodeError("utf-8", body, 0, 1, "not the same text")
            exchange["response"]["body"] = text
        except UnicodeDecodeError:
            exchange["response"]["bodyBase64"] = base64.b64encode(body).decode()
        if self.waited:
            exchange["waited_seconds"] = self.waited
            self.waited = 0
        self.exchanges.append(exchange)
        if len(self.exchanges) > 100:
            raise Endless("over 100 exchanges: this does not end")
        response = requests.Response()
        response.status_code = status
        response.headers = CaseInsensitiveDict(headers)
        response.url = request.url
        response.request = request
        response.reason = requests.status_codes._codes.get(status, ("",))[0]
        response.raw = HTTPResponse(
            body=io.BytesIO(body), headers=dict(headers), status=status, preload_content=False, decode_content=False
        )
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        return response


def written_request(request):
    headers = {}
    for name, value in request.headers.items():
        name = name.decode() if isinstance(name, bytes) else name
        value = value.decode("latin-1") if isinstance(value, bytes) else value
        if name.lower() in OWN_HEADERS or DEFAULT_HEADERS.get(name) == value:
            continue
        headers[name.lower()] = value
    body = request.body
    if isinstance(body, bytes):
        body = body.decode("utf-8")
    return {"method": request.method, "url": request.url, "headers": dict(sorted(headers.items())), "body": body}


RECORDER = None

# Validating a large manifest takes longer than reading a stream; once for each is enough.
validate_manifest, VALIDATED = concurrent_declarative_source.validate_manifest, set()


def validate_once(manifest, schema):
    key = hash(json.dumps(manifest, sort_keys=True, default=str))
    if key not in VALIDATED:
        validate_manifest(manifest, schema)
        VALIDATED.add(key)


concurrent_declarative_source.validate_manifest = validate_once


def send(self, request, **kwargs):
    return RECORDER.send(request)


def sleep(seconds):
    RECORDER.waited = round(RECORDER.waited + max(seconds, 0), 6)
    # A call budget waits until its window ends and then finds the window not quite over, for as long as no time passes.
    RECORDER.clock.tick(max(seconds, 0.001))


def within(owner, name, asked):
    original = getattr(owner, name)

    def wrapper(self, *args, **kwargs):
        RECORDER.stack.append(asked(self, *args, **kwargs))
        try:
            return original(self, *args, **kwargs)
        finally:
            RECORDER.stack.pop()

    setattr(owner, name, wrapper)


HTTPAdapter.send = send
time.sleep = sleep
# Waits with jitter are recorded at their longest.
random.uniform = lambda low, high: high
within(
    SimpleRetriever,
    "_fetch_next_page",
    lambda self, stream_slice=None, next_page_token=None, *args, **kwargs: Asked(
        "page", retriever=self, slice=stream_slice, token=next_page_token
    ),
)
within(SessionTokenProvider, "_refresh", lambda self: Asked("login", provider=self))
within(AbstractOauth2Authenticator, "_make_handled_request", lambda self: Asked("oauth", authenticator=self))

# Requests by a requester that no retriever of pages drives (asynchronous jobs, properties from an endpoint).
original_send_request = HttpRequester.send_request


def send_request(self, *args, **kwargs):
    if RECORDER.stack and RECORDER.stack[-1].kind in ("page", "login"):
        return original_send_request(self, *args, **kwargs)
    RECORDER.stack.append(Asked("requester", requester=self, slice=kwargs.get("stream_slice")))
    try:
        return original_send_request(self, *args, **kwargs)
    finally:
        RECORDER.stack.pop()


HttpRequester.send_request = send_request


def read_manifest(text, replace=()):
    for old, new in replace:
        if old not in text:
            raise ValueError(f"nothing to replace: {old!r}")
        text = text.replace(old, new)
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def catalog_of(name, selected_properties=None):
    properties = {key: {} for key in selected_properties or []}
    return ConfiguredAirbyteCatalogSerializer.load(
        {
            "streams": [
                {
                    "stream": {
                        "name": name,
                        "json_schema": {"type": "object", "properties": properties},
                        "supported_sync_modes": ["full_refresh", "incremental"],
                    },
                    "sync_mode": "incremental",
                    "destination_sync_mode": "append",
                }
            ]
        }
    )


def error_of(exception):
    if isinstance(exception, AirbyteTracedException):
        kind = exception.failure_type.value if exception.failure_type else "system_error"
        return {"kind": kind, "message": exception.message or exception.internal_message}
    # The manifest validator keeps its finding in the cause.
    cause = f" ({str(exception.__cause__).splitlines()[0]})" if type(exception).__name__ == "ValidationError" and exception.__cause__ else ""
    return {"kind": "system_error", "message": f"{type(exception).__name__}: {exception}{cause}"}


def make_source(manifest, config, name=None, state=None, selected_properties=None):
    messages = []
    if state is not None:
        messages.append(
            AirbyteStateMessage(
                type=AirbyteStateType.STREAM,
                stream=AirbyteStreamState(
                    stream_descriptor=StreamDescriptor(name=name, namespace=None),
                    stream_state=AirbyteStateBlob(copy.deepcopy(state)),
                ),
            )
        )
    source = ConcurrentDeclarativeSource(
        catalog=catalog_of(name, selected_properties) if name else None,
        config=copy.deepcopy(config),
        state=messages,
        source_config=copy.deepcopy(manifest),
    )
    # Nobody drains the queue here, and a full one blocks.
    source._message_repository._queue.maxsize = 0
    return source


def plain(value):
    text = json.dumps(value, default=lambda v: dict(v) if hasattr(v, "items") else str(v))
    # A counting cursor's slice has no end; JSON has no number for that.
    return json.loads(text, parse_constant=str)


def slice_of(partition):
    stream_slice = partition.to_slice()
    if stream_slice is None:
        return None
    written = {"partition": plain(dict(stream_slice.partition)), "cursor_slice": plain(dict(stream_slice.cursor_slice))}
    if stream_slice.extra_fields:
        written["extra_fields"] = plain(dict(stream_slice.extra_fields))
    return written


def clear_caches():
    # Every cached session of a process shares one in-memory database.
    import requests_cache

    backend = requests_cache.SQLiteCache("file::memory:?cache=shared", fast_save=True, wal=True)
    backend.clear()


def run(manifest, config, name, now, upstream, state=None, selected_properties=None):
    """One read of one stream. `now` is an ISO 8601 instant; the answer is a `runs` entry of a cassette."""
    global RECORDER
    recorder = RECORDER = Recorder(upstream)
    errors, records, slices, state_after = [], [], [], None
    printed = io.StringIO()
    with freezegun.freeze_time(now, tz_offset=0, ignore=["requests_cache"]) as clock, contextlib.redirect_stdout(printed):
        recorder.clock = clock
        clear_caches()
        try:
            source = make_source(manifest, config, name, state, selected_properties)
            upstream.source = source
            stream = next(s for s in source.streams(config=source._config) if s.name == name)
            try:
                for partition in stream.generate_partitions():
                    slices.append(slice_of(partition))
                    try:
                        for record in partition.read():
                            records.append(plain(record.data))
                            stream.cursor.observe(record)
                        stream.cursor.close_partition(partition)
                    except (Exception, Endless) as exception:
                        errors.append(exception)
                        if isinstance(exception, Endless):
                            break
            except (Exception, Endless) as exception:
                errors.append(exception)
            stream.cursor.ensure_at_least_one_state_emitted()
            state_after = plain(stream.cursor.state)
        except StopIteration:
            raise ValueError(f"no stream {name}")
        except (Exception, Endless) as exception:
            errors.append(exception)
    written = {
        "stream": name,
        "state": state,
        "exchanges": recorder.exchanges,
        "records": records,
        "state_after": state_after,
        "slices": slices,
        "error": error_of(errors[0]) if errors else None,
    }
    controls = [json.loads(line) for line in printed.getvalue().splitlines() if '"CONTROL"' in line]
    if controls:
        written["config_updates"] = [c["control"]["connectorConfig"]["config"] for c in controls]
    if recorder.waited:
        written["waited_seconds_at_end"] = recorder.waited
    written["_exceptions"] = errors
    return written
