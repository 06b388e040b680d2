"""Feature values: from an Arrow column or from the JSON of a lookup to Python, and from JSON to Arrow. Each way gives the
same values, so that nobody sees in which form an answer came."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ._instants import datetime_of, micros_of

INSTANT = pa.timestamp("us", "UTC")


def python_values(column: pa.Array[Any] | pa.ChunkedArray[Any]) -> list[Any]:
    """bool, int, float, str, bytes, ``datetime`` in UTC, lists of these; None for null. A float32 is the shortest number
    that names it (0.1)."""
    if isinstance(column, pa.ChunkedArray):
        return [value for chunk in column.chunks for value in python_values(chunk)]
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        # What lies below a null of a fixed size is no value of the column.
        items = iter(python_values(pc.list_flatten(column)))
        lengths = pc.list_value_length(column).to_pylist()
        return [None if length is None else list(islice(items, length)) for length in lengths]
    if pa.types.is_float32(kind):
        return [None if text is None else float(text) for text in column.cast(pa.string()).to_pylist()]
    if kind == INSTANT:
        return [None if micros is None else datetime_of(micros) for micros in column.cast(pa.int64()).to_pylist()]
    return column.to_pylist()


def python_from_json(kind: pa.DataType, values: Sequence[Any]) -> list[Any]:
    """What ``python_values`` gives for a column of this type."""
    return _converted(kind, values, lambda text: datetime_of(micros_of(text)))


def arrow_from_json(kind: pa.DataType, values: Sequence[Any]) -> pa.Array[Any]:
    return pa.array(_converted(kind, values, micros_of), kind)


def _converted(kind: pa.DataType, values: Sequence[Any], instant: Callable[[str], Any]) -> list[Any]:
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        element = kind.value_type
        return [None if value is None else _converted(element, value, instant) for value in values]
    convert = _converter(kind, instant)
    return list(values) if convert is None else [None if value is None else convert(value) for value in values]


def _converter(kind: pa.DataType, instant: Callable[[str], Any]) -> Callable[[Any], Any] | None:
    if pa.types.is_floating(kind):
        return float
    if pa.types.is_binary(kind):
        return b64decode
    return instant if kind == INSTANT else None
