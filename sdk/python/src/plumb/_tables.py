"""Tables that users bring, as Arrow: DataFrames of pandas and polars, tables, rows; and Arrow as DataFrames."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    import pandas
    import polars


class ArrowStream(Protocol):
    """What can be read as Arrow: tables and readers of pyarrow, DataFrames of pandas and polars, results of DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


#: A DataFrame, a table of Arrow, or one mapping per row.
TableLike: TypeAlias = "ArrowStream | pandas.DataFrame | Sequence[Mapping[str, Any]]"


def table_of(what: str, data: TableLike) -> pa.Table:
    """NaN of pandas is null, its index is no column."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        return _plain(pa.Table.from_pandas(data, preserve_index=False).replace_schema_metadata(None))
    if hasattr(data, "__arrow_c_stream__"):
        return _plain(pa.table(data))
    if isinstance(data, (list, tuple)):
        names = list(dict.fromkeys(name for row in data for name in row))
        return pa.table({name: pa.array([row.get(name) for row in data]) for name in names})
    raise TypeError(f"{what}: found {type(data).__name__}, expected a DataFrame, a table of Arrow, or a list of dicts")


def _plain(table: pa.Table) -> pa.Table:
    """Without the views of text and bytes, which many readers of Arrow lack."""
    fields = [field.with_type(_without_views(field.type)) for field in table.schema]
    schema = pa.schema(fields)
    return table if schema.equals(table.schema) else table.cast(schema)


def _without_views(kind: pa.DataType) -> pa.DataType:
    if kind == pa.string_view():
        return pa.string()
    return pa.binary() if kind == pa.binary_view() else kind


def to_pandas(table: pa.Table) -> pandas.DataFrame:
    """Integers and booleans with nulls are of pandas' nullable types: as floats they would lose digits."""
    import pandas

    nullable = {
        pa.int64(): pandas.Int64Dtype(),
        pa.int32(): pandas.Int32Dtype(),
        pa.bool_(): pandas.BooleanDtype(),
    }
    series = {
        name: column.to_pandas(types_mapper=nullable.get if column.null_count > 0 else None)
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    frame: pandas.DataFrame = pandas.DataFrame(series, index=pandas.RangeIndex(table.num_rows))
    return frame


def to_polars(table: pa.Table) -> polars.DataFrame:
    import polars

    frame = polars.from_arrow(table)
    assert isinstance(frame, polars.DataFrame)
    return frame
