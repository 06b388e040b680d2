"""POST /v1/online-features: the newest values of features for some entities."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import pyarrow as pa

from ._call import ARROW_STREAM_TYPE, JSON_TYPE, Answer, Call
from ._columns import ArrowColumns, JsonColumns, Shape
from ._instants import instant_text
from ._tables import TableLike, table_of
from ._transport import Transport, expect_fields, parsed
from ._values import python_values
from .answer import FeatureAnswer
from .errors import protocol_error
from .wire import ExplainedAnswer

PATH = "/v1/online-features"

#: From so many values on an answer is asked for as Arrow. Up to here JSON was read at least as fast, also into a DataFrame,
#: and costs the server about a third; at 20,000 values a DataFrame from Arrow took half of the time.
ARROW_VALUES = 10_000
#: What an answer says only where it was asked for.
OPTIONAL = ("serviceVersion", "asOf", "changed")
#: So many questions keep their shapes.
MOST_SHAPES = 256


@dataclass(frozen=True)
class Question:
    """All of a request but its entities and its instant: what decides the columns of the answer."""

    service: str | None
    dataset: str | None
    features: tuple[str, ...] | None
    statuses: bool
    event_times: bool
    as_of: bool
    partial: bool


class Lookups:
    """The first answer to a question is asked for as Arrow, which says of what types the columns are; later small ones as
    JSON, for as long as the registry stays at its version."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._shapes: dict[Question, Shape] = {}

    def lookup(
        self, question: Question, entities: TableLike, at: str | datetime | None, timeout: float | None
    ) -> FeatureAnswer:
        rows = entity_rows(entities)
        body = request_body(question, rows, at)
        shape = self._shapes.get(question)
        if shape is not None and len(rows) * len(shape.features) < ARROW_VALUES:
            answer = self._json(body, shape, timeout)
            if answer is not None:
                return answer
        return self._arrow(question, body, timeout)

    def _json(self, body: bytes, shape: Shape, timeout: float | None) -> FeatureAnswer | None:
        """None where another version of the registry answered than the one whose types are known."""
        call = _call(body, JSON_TYPE, timeout)
        fields = {"version": int, "features": list, "rows": list, "at": str}
        answer = expect_fields(call.label, parsed(call, self._transport.send(call)), fields)
        if answer["version"] != shape.version or answer["features"] != shape.features:
            return None
        return FeatureAnswer(answer, shape, JsonColumns(answer, shape))

    def _arrow(self, question: Question, body: bytes, timeout: float | None) -> FeatureAnswer:
        call = _call(body, ARROW_STREAM_TYPE, timeout)
        table = _read_table(call, self._transport.send(call))
        head = _head_of(call, table.schema)
        table = _with_plain_statuses(table.replace_schema_metadata(None))
        features = table.column_names[: head["features"]]
        shape = Shape(head["version"], features, table.schema, question.statuses, question.event_times)
        self._remember(question, shape)
        return FeatureAnswer(head, shape, ArrowColumns(table))

    def _remember(self, question: Question, shape: Shape) -> None:
        """Threads may do so at once: each of the two steps leaves a good dict."""
        # A feature that the live rows lack has no event times until the next run of its view, at the same version.
        if shape.has_event_times and None in shape.event_time_columns():
            return
        if len(self._shapes) >= MOST_SHAPES:
            self._shapes = {}
        self._shapes[question] = shape


#: Seconds. A server makes one explanation at a time, in half a minute at most each, and lets two wait.
EXPLAIN_PATIENCE = 120.0


def explained(
    transport: Transport,
    question: Question,
    entity: Mapping[str, Any],
    at: str | datetime | None,
    timeout: float | None,
) -> ExplainedAnswer:
    patience = EXPLAIN_PATIENCE if timeout is None else timeout
    body = request_body(question, [entity], at, explain=True)
    call = replace(_call(body, JSON_TYPE, patience), silence=patience)
    fields = {"version": int, "features": list, "rows": list, "at": str, "explain": list}
    return cast(ExplainedAnswer, expect_fields(call.label, parsed(call, transport.send(call)), fields))


def entity_rows(entities: TableLike) -> list[Mapping[str, Any]]:
    """One mapping per row: join key to value."""
    if isinstance(entities, Sequence):
        return list(entities)
    table = table_of("entities", entities)
    columns = [python_values(column) for column in table.columns]
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


def request_body(
    question: Question, rows: Sequence[Mapping[str, Any]], at: str | datetime | None, *, explain: bool = False
) -> bytes:
    """JSON. Integers have all their digits; ValueError for NaN and the infinities, which JSON lacks."""
    request: dict[str, Any] = {"entities": rows}
    if question.service is not None:
        request["service"] = question.service
    if question.dataset is not None:
        request["dataset"] = question.dataset
    if question.features is not None:
        request["features"] = question.features
    if at is not None:
        request["at"] = instant_text(at)
    flags = {
        "statuses": question.statuses,
        "eventTimes": question.event_times,
        "asOf": question.as_of,
        "partial": question.partial,
        "explain": explain,
    }
    request.update({name: True for name, is_set in flags.items() if is_set})
    return json_bytes(request)


def json_bytes(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> object:
    """Scalars of numpy as Python's own; instants as text."""
    if isinstance(value, datetime):
        return instant_text(value)
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "shape", None) == ():
        return item()
    raise TypeError(f"found a {type(value).__name__}, expected a str, int, bool or None")


def _call(body: bytes, accept: str, timeout: float | None) -> Call:
    headers = {"content-type": JSON_TYPE, "accept": accept}
    # It reads, whatever its method.
    return Call("POST", PATH, headers=headers, body=body, retry="safe", timeout=timeout)


def _read_table(call: Call, answer: Answer) -> pa.Table:
    found = answer.headers.get("content-type", "nothing")
    if found.split(";")[0].strip() != ARROW_STREAM_TYPE:
        raise protocol_error(f"{call.label}: found an answer of type {found}, expected {ARROW_STREAM_TYPE}")
    try:
        return pa.ipc.open_stream(answer.body).read_all()
    except pa.ArrowInvalid as cause:
        raise protocol_error(f"{call.label}: expected an Arrow IPC stream: {cause}") from cause


def _head_of(call: Call, schema: pa.Schema) -> dict[str, Any]:
    """What JSON says beside its rows."""
    metadata = {name.decode(): text.decode() for name, text in (schema.metadata or {}).items()}
    try:
        head: dict[str, Any] = {"service": metadata.get("service"), "at": metadata["at"]}
        head |= {name: json.loads(metadata[name]) for name in ("version", "features")}
        return head | {name: json.loads(metadata[name]) for name in OPTIONAL if name in metadata}
    except (KeyError, ValueError) as cause:
        raise protocol_error(
            f"{call.label}: the Arrow schema lacks what Plumb tells in its metadata: {cause}"
        ) from cause


def _with_plain_statuses(table: pa.Table) -> pa.Table:
    """Text in place of a dictionary, which has other entries from answer to answer."""
    fields = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
