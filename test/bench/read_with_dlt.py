"""Reads the benchmark's upstream with dlt's rest_api source into DuckDB, as a pipeline of a user's would.

    echo '{"address": "http://127.0.0.1:1234"}' | python read_with_dlt.py

Loading Python and dlt is not timed. Says how many records came in how many seconds, and the most memory it held.
"""

import json
import os
import resource
import sys
import tempfile
import time

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

import dlt
from dlt.sources.rest_api import rest_api_source

given = json.load(sys.stdin)
directory = tempfile.mkdtemp()
start = time.perf_counter()
source = rest_api_source(
    {
        "client": {
            "base_url": given["address"],
            "paginator": {"type": "cursor", "cursor_path": "next", "cursor_param": "after"},
        },
        "resources": [{"name": "records", "primary_key": "id", "endpoint": {"path": "records", "data_selector": "records"}}],
    }
)
pipeline = dlt.pipeline(
    pipeline_name="bench",
    pipelines_dir=os.path.join(directory, "pipelines"),
    destination=dlt.destinations.duckdb(os.path.join(directory, "store.duckdb")),
    dataset_name="copy",
)
pipeline.run(source, loader_file_format="jsonl")
seconds = time.perf_counter() - start
with pipeline.sql_client() as client:
    records = client.execute_sql("SELECT count(*) FROM records")[0][0]
own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"records": records, "seconds": seconds, "megabytes": own * 1024 / 1e6}))
