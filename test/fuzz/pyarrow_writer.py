"""Writes Parquet files on request: one JSON object a line in, "ok" or what went wrong a line out."""
import datetime
import decimal  # noqa: F401 (types and values are Python expressions)
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
EPOCH = datetime.datetime(1970, 1, 1)

def at(text, unit):
    """The count since 1970 of an instant without zone; up to nine digits after the second, floored to the unit."""
    whole, _, fraction = text.partition(".")
    seconds = round((datetime.datetime.fromisoformat(whole) - EPOCH).total_seconds())
    nanos = seconds * 10**9 + int(fraction.ljust(9, "0"))
    return nanos // (10**9 // PER_SECOND[unit])

for line in sys.stdin:
    try:
        request = json.loads(line)
        columns = {
            name: pa.array([eval(value) for value in values], type=eval(kind))
            for name, kind, values in request["columns"]
        }
        pq.write_table(pa.table(columns), request["path"], **eval(f"dict({request['options']})"))
        print("ok", flush=True)
    except Exception as error:
        print(f"{type(error).__name__}: {error}".replace("\n", " "), flush=True)
