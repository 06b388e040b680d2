"""One version of a training set."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from ._call import Call, escaped
from ._lookup import Lookups, Question
from ._tables import TableLike, to_pandas, to_polars
from ._transport import Transport
from ._values import in_utc
from .answer import FeatureAnswer
from .errors import PlumbError, protocol_error
from .wire import DatasetManifest, DatasetPart

if TYPE_CHECKING:
    import pandas
    import polars

#: Of one request: a connection that breaks costs this much at most.
PIECE_BYTES = 16 << 20


class Dataset:
    """It never changes: another run makes another version. Every part that is read is compared with its SHA-256."""

    def __init__(self, transport: Transport, manifest: DatasetManifest, lookups: Lookups) -> None:
        #: Columns, rows, parts, and where they come from.
        self.manifest = manifest
        self._transport = transport
        self._lookups = lookups

    @property
    def name(self) -> str:
        return self.manifest["name"]

    @property
    def version(self) -> int:
        return self.manifest["version"]

    @property
    def columns(self) -> list[str]:
        """All label columns, then the features in the order of the service."""
        return [column["name"] for column in self.manifest["columns"]]

    @property
    def features(self) -> list[str]:
        """The columns that are features, in order: what a model learns from, and what ``online_features`` answers."""
        found = self.manifest.get("features")
        if found is None:
            message = (
                f"{self!r} was made by an older version of Plumb, which did not write down which columns are features"
            )
            raise ValueError(message)
        return [feature["name"] for feature in found if not feature.get("label", False)]

    @property
    def labels(self) -> list[str]:
        """The columns that views of kind ``label`` define, in order: what a model is to learn. ``manifest["immature"]`` says
        in how many rows each is null, as its window had not passed when the set was built."""
        return [feature["name"] for feature in self.manifest.get("features", []) if feature.get("label", False)]

    def online_features(
        self,
        entities: TableLike,
        *,
        at: str | datetime | None = None,
        statuses: bool = False,
        event_times: bool = False,
        timeout: float | None = None,
    ) -> FeatureAnswer:
        """The newest values of exactly these features, in this order and with the meaning that they have here. Where one
        means something else by now, that is the error ``NOT_AS_LEARNED``. The arguments are those of
        ``Client.online_features``."""
        reference = f"{self.name}@{self.version}"
        question = Question(None, reference, None, statuses, event_times, as_of=False, partial=False)
        return self._lookups.lookup(question, entities, at, timeout)

    def __len__(self) -> int:
        return self.manifest["rows"]

    def __repr__(self) -> str:
        return f"Dataset({self.name!r}, version {self.version}, {len(self)} rows of {', '.join(self.columns)})"

    def to_arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows in memory, in label order. ``columns``: only these, in this order."""
        names = self._known(columns)
        tables = [self._with_zones(self._read(n, names)) for n in range(len(self.manifest["parts"]))]
        table = pa.concat_tables(tables)
        if table.num_rows != len(self):
            raise protocol_error(f"{self!r}: found {table.num_rows} rows in its parts")
        return table

    def to_pandas(self, columns: Sequence[str] | None = None) -> pandas.DataFrame:
        """Integers and booleans with nulls are of pandas' nullable types, so that no digit is lost."""
        return to_pandas(self.to_arrow(columns))

    def to_polars(self, columns: Sequence[str] | None = None) -> polars.DataFrame:
        return to_polars(self.to_arrow(columns))

    def download(self, folder: str | PathLike[str]) -> list[Path]:
        """Writes the parts there, Parquet files in row order. What is there already, and right, stays."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        return [self._keep(n, target / f"part-{n:05}.parquet") for n in range(len(self.manifest["parts"]))]

    def open(self, folder: str | PathLike[str]) -> pads.Dataset:
        """Downloads the parts, and opens them without reading them: for more rows than memory holds."""
        paths = self.download(folder)
        schema = self._schema_with_zones(pq.read_schema(paths[0]))
        return pads.dataset([str(path) for path in paths], schema=schema, format="parquet")

    def _known(self, columns: Sequence[str] | None) -> list[str] | None:
        if columns is None:
            return None
        unknown = [name for name in columns if name not in self.columns]
        if unknown:
            raise ValueError(f"columns: found {', '.join(unknown)}, expected some of {', '.join(self.columns)}")
        return list(columns)

    def _read(self, n: int, columns: list[str] | None) -> pa.Table:
        with BytesIO() as sink:
            self._fetch(n, sink)
            table = pq.read_table(pa.BufferReader(sink.getvalue()))
        return table if columns is None else table.select(columns)

    def _keep(self, n: int, path: Path) -> Path:
        part = self.manifest["parts"][n]
        if path.exists() and path.stat().st_size == part["sizeBytes"] and _sha256(path) == part["sha256"]:
            return path
        # Under another name until it is whole.
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as sink:
            self._fetch(n, sink)
        return unfinished.replace(path)

    def _fetch(self, n: int, sink: BinaryIO) -> None:
        """By ranges, so that a connection that breaks costs one of them only."""
        part: DatasetPart = self.manifest["parts"][n]
        path = f"/v1/datasets/{escaped(self.name)}/{self.version}/parts/{n}"
        found = hashlib.sha256()
        for start in range(0, part["sizeBytes"], PIECE_BYTES):
            piece = self._range(path, start, min(start + PIECE_BYTES, part["sizeBytes"]))
            found.update(piece)
            sink.write(piece)
        if found.hexdigest() != part["sha256"]:
            message = f"GET {path}: its SHA-256 is {found.hexdigest()}, the manifest says {part['sha256']}"
            raise protocol_error(message)

    def _range(self, path: str, start: int, end: int) -> bytes:
        headers = {"range": f"bytes={start}-{end - 1}", "accept-encoding": "identity"}
        # However slow: only silence ends it.
        call = Call("GET", path, headers=headers, timeout=math.inf)
        answer = self._transport.send(call)
        if answer.status != 206 or len(answer.body) != end - start:
            raise self._not_the_range(call, answer.status, len(answer.body), end - start)
        return answer.body

    def _not_the_range(self, call: Call, status: int, found: int, expected: int) -> PlumbError:
        message = f"{call.label}: found {found} bytes with status {status}, expected a range of {expected} with 206"
        return protocol_error(f"{message}: does a proxy drop the Range header?")

    def _schema_with_zones(self, schema: pa.Schema) -> pa.Schema:
        """Instants in features are in UTC, as lookups give them; label columns stay as they are."""
        given = {column["name"] for column in self.manifest["columns"] if column["type"] == "label"}
        return pa.schema([f if f.name in given else f.with_type(in_utc(f.type)) for f in schema])

    def _with_zones(self, table: pa.Table) -> pa.Table:
        return table.cast(self._schema_with_zones(table.schema))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        found = hashlib.sha256()
        while piece := file.read(PIECE_BYTES):
            found.update(piece)
        return found.hexdigest()
