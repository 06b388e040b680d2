"""The answer of a lookup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ._columns import Columns, Shape
from ._contract import Status
from ._instants import datetime_of, micros_of
from ._tables import to_pandas, to_polars

if TYPE_CHECKING:
    import pandas
    import polars


class FeatureAnswer:
    """One row per entity, in the order of the request. Whether it came as JSON or as Arrow makes no difference.

    ========================  ==========================================  =====================
    type                      ``to_dicts``                                ``to_arrow``
    ========================  ==========================================  =====================
    bool, string, bytes       bool, str, bytes                            bool, string, binary
    int32, int64              int                                         int32, int64
    float32, float64          float; a float32 as the shortest (0.1)      float, double
    timestamp                 ``datetime`` in UTC, with its microseconds  timestamp[us, UTC]
    list, vector              list                                        list, fixed_size_list
    map, struct               dict; of a map in its order                 map, struct
    null                      None                                        null
    ========================  ==========================================  =====================
    """

    def __init__(self, head: dict[str, Any], shape: Shape, columns: Columns) -> None:
        #: None where the request named features.
        self.service: str | None = head.get("service")
        #: Of a lookup by ``dataset``, or by ``service@version``; else None.
        self.service_version: int | None = head.get("serviceVersion")
        #: The version of the registry that answered.
        self.version = shape.version
        #: Output names, ``<view>__<feature>`` unless the service renames them.
        self.features: list[str] = list(shape.features)
        #: The instant that was answered for, RFC 3339 text.
        self.at: str = head["at"]
        as_of = head.get("asOf")
        #: View to the instant until when it was materialized; None where it was not asked for.
        self.as_of: dict[str, datetime] | None = (
            None if as_of is None else {view: datetime_of(micros_of(text)) for view, text in as_of.items()}
        )
        #: With ``as_of``: views that still serve their former definition, until their next run.
        self.changed: list[str] = head.get("changed") or []
        self._shape = shape
        self._columns = columns

    def __len__(self) -> int:
        return self._columns.rows

    def __repr__(self) -> str:
        return f"FeatureAnswer({len(self)} rows of {', '.join(self.features)})"

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict per entity: feature by output name."""
        return self._dicts(self.features)

    @property
    def statuses(self) -> list[dict[str, Status]] | None:
        """One dict per entity: why each value is what it is. None where they were not asked for."""
        return self._dicts([f"{name}__status" for name in self.features]) if self._shape.has_statuses else None

    @property
    def event_times(self) -> list[dict[str, datetime | None]] | None:
        """One dict per entity: the instants of the newest rows behind the values. None where they were not asked for."""
        return self._dicts(self._shape.event_time_columns()) if self._shape.has_event_times else None

    def to_arrow(self) -> pa.Table:
        """Features; where asked for, then ``<feature>__status``, then ``<view>__event_time``."""
        return self._columns.table()

    def to_pandas(self) -> pandas.DataFrame:
        """As ``to_arrow``. Integers and booleans with nulls are of pandas' nullable types, so that no digit is lost."""
        return to_pandas(self.to_arrow())

    def to_polars(self) -> polars.DataFrame:
        """As ``to_arrow``."""
        return to_polars(self.to_arrow())

    def _dicts(self, columns: Sequence[str | None]) -> list[dict[str, Any]]:
        """``columns``: one per feature; None: all null."""
        if not columns:
            return [{} for _ in range(len(self))]
        nothing: list[Any] = [None] * len(self)
        values = [nothing if column is None else self._columns.python(column) for column in columns]
        return [dict(zip(self.features, row, strict=True)) for row in zip(*values, strict=True)]
