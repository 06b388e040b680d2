"""Feature values: from an Arrow column or from the JSON of a lookup to Python, and from JSON to Arrow. Each way gives the
same values, so that nobody sees in which form an answer came."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ._instants import datetime_of, micros_of

INSTANT = pa.timestamp("us", "UTC")


def python_values(column: pa.Array[Any] | pa.ChunkedArray[Any]) -> list[Any]:
    """bool, int, float, str, bytes, ``datetime`` in UTC, lists of these, dicts for structs and for maps whose keys are text;
    None for null. A float32 is the shortest number that names it (0.1)."""
    if isinstance(column, pa.ChunkedArray):
        return [value for chunk in column.chunks for value in python_values(chunk)]
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        # What lies below a null of a fixed size is no value of the column.
        items = iter(python_values(pc.list_flatten(column)))
        lengths = pc.list_value_length(column).to_pylist()
        return [None if length is None else list(islice(items, length)) for length in lengths]
    if isinstance(column, pa.MapArray) and pa.types.is_string(kind.key_type):
        return _maps(column)
    if isinstance(column, pa.StructArray):
        names = [field.name for field in kind]
        rows = zip(*(python_values(field) for field in column.flatten()), strict=True)
        return [
            dict(zip(names, row, strict=True)) if present else None
            for present, row in zip(column.is_valid().to_pylist(), rows, strict=True)
        ]
    if pa.types.is_float32(kind):
        return [None if text is None else float(text) for text in column.cast(pa.string()).to_pylist()]
    if kind == INSTANT:
        return [None if micros is None else datetime_of(micros) for micros in column.cast(pa.int64()).to_pylist()]
    return column.to_pylist()


def _maps(column: pa.MapArray[Any, Any]) -> list[Any]:
    """The offsets are those of the column, keys and items those of all that it may be a slice of."""
    keys, items = python_values(column.keys), python_values(column.items)
    ends = column.offsets.to_pylist()
    return [
        dict(zip(keys[start:end], items[start:end], strict=True)) if present else None
        for present, start, end in zip(column.is_valid().to_pylist(), ends, ends[1:], strict=False)
    ]


def python_from_json(kind: pa.DataType, values: Sequence[Any]) -> list[Any]:
    """What ``python_values`` gives for a column of this type."""
    return _converted(kind, values, PYTHON)


def arrow_from_json(kind: pa.DataType, values: Sequence[Any]) -> pa.Array[Any]:
    return pa.array(_converted(kind, values, ARROW), kind)


@dataclass(frozen=True)
class _Form:
    instant: Callable[[str], Any]
    #: Of its entries.
    map: Callable[[Iterable[tuple[str, Any]]], Any]


PYTHON = _Form(lambda text: datetime_of(micros_of(text)), dict)
ARROW = _Form(micros_of, list)


def _converted(kind: pa.DataType, values: Iterable[Any], form: _Form) -> list[Any]:
    convert = _converter(kind, form)
    return list(values) if convert is None else [None if value is None else convert(value) for value in values]


def _converter(kind: pa.DataType, form: _Form) -> Callable[[Any], Any] | None:
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return lambda items: _converted(kind.value_type, items, form)
    if pa.types.is_map(kind):
        return lambda entries: form.map(zip(entries, _converted(kind.item_type, entries.values(), form), strict=True))
    if pa.types.is_struct(kind):
        return lambda row: {field.name: _converted(field.type, [row[field.name]], form)[0] for field in kind}
    if pa.types.is_floating(kind):
        return float
    if pa.types.is_binary(kind):
        return b64decode
    return form.instant if kind == INSTANT else None


def in_utc(kind: pa.DataType) -> pa.DataType:
    """The type of a feature as Parquet files hold it, where instants have no zone → as lookups give it."""
    if pa.types.is_timestamp(kind):
        return INSTANT
    if pa.types.is_list(kind):
        return pa.list_(in_utc(kind.value_type))
    if pa.types.is_map(kind):
        return pa.map_(kind.key_type, in_utc(kind.item_type))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(in_utc(field.type)) for field in kind])
    return kind
