"""Reads a stream of a manifest with airbyte-cdk, and says how many records came in how many seconds, and the most memory it held.

    echo '{"manifest": {…}, "stream": "plain"}' | python read_with_cdk.py

Loading Python and the CDK is not timed; building the source is. Messages are counted as they come, and neither
serialized nor written.
"""

import json
import logging
import resource
import sys
import time

from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer, Type
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource

logging.disable(logging.CRITICAL)

given = json.load(sys.stdin)
config = {"token": "bench"}
stream = {"name": given["stream"], "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
configured = {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
catalog = ConfiguredAirbyteCatalogSerializer.load({"streams": [configured]})

start = time.perf_counter()
source = ConcurrentDeclarativeSource(catalog=catalog, config=config, state=[], source_config=given["manifest"])
messages = source.read(logging.getLogger("bench"), config, catalog, [])
records = sum(message.type == Type.RECORD for message in messages)
seconds = time.perf_counter() - start
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"records": records, "seconds": seconds, "megabytes": megabytes}))
