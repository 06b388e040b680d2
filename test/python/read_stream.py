"""Reads an Arrow IPC stream from standard input as a client would, and prints what it found as JSON."""
import base64
import json
import sys

import pyarrow as pa

def plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value

def column(data):
    # Instants as their count: Python's datetime ends in the year 9999.
    if pa.types.is_timestamp(data.type):
        data = data.cast(pa.int64())
    return [plain(value) for value in data.to_pylist()]

with pa.ipc.open_stream(sys.stdin.buffer) as reader:
    batches = list(reader)
    table = pa.Table.from_batches(batches, reader.schema)
    table.validate(full=True)
    print(
        json.dumps(
            {
                "types": {field.name: str(field.type) for field in table.schema},
                "metadata": {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()},
                "rows": [batch.num_rows for batch in batches],
                "columns": {name: column(table.column(name)) for name in table.column_names},
            }
        )
    )
