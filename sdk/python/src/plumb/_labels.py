"""The label table of a training set, in any form a user has it in → the body of POST /v1/datasets."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from ._call import ARROW_STREAM_TYPE, JSON_TYPE, Call
from ._instants import instant_text
from ._lookup import json_bytes
from ._tables import TableLike, table_of

PATH = "/v1/datasets"


@dataclass(frozen=True)
class ServerFile:
    """A file of labels that the server reads, under one of its ``server.labelRoots``."""

    path: str


@dataclass(frozen=True)
class KeysOf:
    """Every key that a feature view has, ``at`` an instant, or at each instant ``start``, ``start + every``, … before
    ``end``; ``every`` is a duration such as ``1d``."""

    view: str
    at: str | datetime | None = None
    start: str | datetime | None = None
    end: str | datetime | None = None
    every: str | None = None


#: A DataFrame, a table or a stream of Arrow, one mapping per label, the path of a Parquet or Arrow file, a ServerFile,
#: or KeysOf.
Labels: TypeAlias = "TableLike | str | os.PathLike[str] | ServerFile | KeysOf"


def dataset_call(labels: Labels, fields: dict[str, str | None], timeout: float | None) -> Call:
    """Sent again only where the server certainly did not take it."""
    given = {name: value for name, value in fields.items() if value is not None}
    if isinstance(labels, (ServerFile, KeysOf)):
        body = json_bytes({**given, "labels": _said(labels)})
        return Call("POST", PATH, headers={"content-type": JSON_TYPE}, body=body, retry="untaken", timeout=timeout)
    return Call(
        "POST",
        PATH,
        query=given,
        headers={"content-type": ARROW_STREAM_TYPE},
        body=ipc_stream(_table(labels)),
        retry="untaken",
        # However large: each piece of it has to be taken within `silence`.
        timeout=float("inf") if timeout is None else timeout,
    )


def _said(labels: ServerFile | KeysOf) -> dict[str, str]:
    if isinstance(labels, ServerFile):
        return {"path": labels.path}
    instants = {"at": labels.at, "from": labels.start, "to": labels.end}
    said = {name: instant_text(instant) for name, instant in instants.items() if instant is not None}
    return {"keysOf": labels.view, **said, **({} if labels.every is None else {"every": labels.every})}


def _table(labels: TableLike | str | os.PathLike[str]) -> pa.Table:
    if not isinstance(labels, (str, os.PathLike)):
        return table_of("labels", labels)
    path = Path(labels)
    if path.suffix == ".parquet":
        return table_of("labels", pq.read_table(path))
    if path.suffix in (".arrow", ".feather"):
        with pa.memory_map(str(path)) as source:
            return table_of("labels", pa.ipc.open_file(source).read_all())
    raise ValueError(
        f"labels: found the file {path.name}, expected .parquet or .arrow: read others into a DataFrame first, "
        "or name a file that the server may read with ServerFile"
    )


def ipc_stream(table: pa.Table) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=100_000)
    return memoryview(sink.getvalue())
