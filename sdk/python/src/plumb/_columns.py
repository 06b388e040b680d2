"""The columns of a lookup's answer, in the form in which they came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from ._values import arrow_from_json, python_from_json, python_values


@dataclass(frozen=True)
class Shape:
    """What an answer in Arrow tells of all answers to the same question, of one version of the registry: JSON does not say
    which text is a timestamp, and which one bytes."""

    version: int
    #: Output names of features. Their columns come first, then those of statuses, then those of event times.
    features: list[str]
    schema: pa.Schema
    has_statuses: bool
    has_event_times: bool

    def event_time_columns(self) -> list[str | None]:
        """Of each feature; None where the live rows lack it."""
        metadata = [self.schema.field(name).metadata or {} for name in self.features]
        columns = [of_field.get(b"eventTime") for of_field in metadata]
        return [None if column is None else column.decode() for column in columns]


class Columns(Protocol):
    rows: int

    def python(self, name: str) -> list[Any]: ...

    def table(self) -> pa.Table: ...


class ArrowColumns:
    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self.rows: int = table.num_rows

    def python(self, name: str) -> list[Any]:
        return python_values(self._table.column(name))

    def table(self) -> pa.Table:
        return self._table


class JsonColumns:
    def __init__(self, answer: dict[str, Any], shape: Shape) -> None:
        self._schema = shape.schema
        self.rows = len(answer["rows"])
        self._texts = dict(zip(shape.features, _transposed(shape, answer["rows"]), strict=True))
        if shape.has_statuses:
            statuses = [f"{name}__status" for name in shape.features]
            self._texts.update(zip(statuses, _transposed(shape, answer["statuses"]), strict=True))
        if shape.has_event_times:
            # Features of one row have the same column, and the same instants.
            times = zip(shape.event_time_columns(), _transposed(shape, answer["eventTimes"]), strict=True)
            self._texts.update((column, texts) for column, texts in times if column is not None)

    def python(self, name: str) -> list[Any]:
        return python_from_json(self._schema.field(name).type, self._texts[name])

    def table(self) -> pa.Table:
        columns = [arrow_from_json(field.type, self._texts[field.name]) for field in self._schema]
        return pa.Table.from_arrays(columns, schema=self._schema)


def _transposed(shape: Shape, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * len(shape.features)
