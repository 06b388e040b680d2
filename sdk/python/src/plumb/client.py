"""The way in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any

from ._call import JSON_TYPE, Call, escaped
from ._instants import instant_text
from ._labels import PATH as DATASETS
from ._labels import Labels, dataset_call
from ._lookup import Lookups, Question, explained, json_bytes
from ._pages import items_of
from ._settings import Patience, settings_of
from ._tables import TableLike
from ._transport import Transport, expect_fields
from .answer import FeatureAnswer
from .datasets import Dataset
from .errors import PlumbError, protocol_error
from .jobs import Job, OnProgress
from .registry import Registry
from .wire import (
    DatasetManifest,
    ExplainedAnswer,
    JobState,
    MaterializationMode,
    MaterializationRun,
    ProjectStatus,
    TimestampUnit,
)

MATERIALIZATIONS = "/v1/materializations"
ERASURES = "/v1/erasures"


class Client:
    """A client of one Plumb server. Make one and share it: threads may use it at once. ``with`` closes its connections.

    ``url``: where ``plumb serve`` is, e.g. ``http://127.0.0.1:6567``; a path in front of ``/v1`` may follow.

    ``api_key``: default: the environment variable ``PLUMB_API_KEY``, if it is set.

    ``timeout``: the longest that one call may take, its retries and the waits between them included, in seconds. Labels on
    their way up and parts of training sets on their way down have no such end. It is looked at whenever bytes come, so a
    call may end up to ``silence`` later.

    ``silence``: the longest that one try may wait for the next bytes, in seconds.

    ``retries``: how often a call that is safe to repeat is tried again: reads, lookups and cancels after broken connections,
    silence, and errors that say so. What starts a job is sent again only where the server certainly did not take it.

    ``headers``: sent with every request.

    Every method raises ``PlumbError`` where the call fails.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        timeout: float = 30.0,
        silence: float = 10.0,
        retries: int = 3,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._transport = Transport(settings_of(url, api_key, headers, Patience(timeout, silence, retries)))
        self._lookups = Lookups(self._transport)
        self.registry = Registry(self._transport)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __repr__(self) -> str:
        return f"Client({self._transport.settings.url!r})"

    def online_features(
        self,
        *,
        service: str | None = None,
        dataset: str | None = None,
        features: Sequence[str] | None = None,
        entities: TableLike,
        at: str | datetime | None = None,
        statuses: bool = False,
        event_times: bool = False,
        as_of: bool = False,
        partial: bool = False,
        timeout: float | None = None,
    ) -> FeatureAnswer:
        """The newest values of features for each entity: those of a ``service``, of a training set (``dataset``), or some
        ``features`` (``view:feature``, ``view:*``).

        ``service``: ``ranking``, or ``ranking@3`` for the columns of that version. ``dataset``: ``churn@12`` for exactly the
        columns, order and meaning that a model learned from it; see also ``Dataset.online_features``. Where one of them
        means something else by now, that is the error ``NOT_AS_LEARNED``, whose details name it.

        ``entities``: one row of join keys per row of the answer, as dicts, a DataFrame or a table of Arrow; other columns
        are ignored. ``at`` evaluates windows and ages at that instant; default: the server's clock. ``partial``: where
        parts of the online store are away, answer the rest; what cannot be read is null with status ``UNAVAILABLE``.

        A missing or stale feature is a value with a status, no error.
        """
        names = None if features is None else tuple(features)
        question = Question(service, dataset, names, statuses, event_times, as_of, partial)
        return self._lookups.lookup(question, entities, at, timeout)

    def explain(
        self,
        *,
        service: str | None = None,
        features: Sequence[str] | None = None,
        entity: Mapping[str, Any],
        at: str | datetime | None = None,
        timeout: float | None = None,
    ) -> ExplainedAnswer:
        """Where the values of one entity come from: beside its answer, with statuses, ``explain`` has for each feature the
        window, the run, the rows that count and their files, and what they come to when it is computed anew. The keys are
        those of docs/reference/http.md; values are as JSON has them.

        The server reads its sources for it, so it takes seconds; ``timeout`` is two minutes unless given. It needs a key
        with the role operator, and a server that takes jobs.
        """
        names = None if features is None else tuple(features)
        question = Question(service, None, names, True, False, False, False)
        return explained(self._transport, question, entity, at, timeout)

    def training_set(
        self,
        service: str,
        labels: Labels,
        *,
        name: str | None = None,
        timestamp_column: str | None = None,
        timestamp_unit: TimestampUnit | None = None,
        reuse: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Dataset:
        """Makes a training set and waits for it: one row per label, its columns, then the service's features as they were
        at its timestamp. ``start_training_set`` says what the arguments are, ``Job.wait`` what ends the waiting."""
        job = self.start_training_set(
            service,
            labels,
            name=name,
            timestamp_column=timestamp_column,
            timestamp_unit=timestamp_unit,
            reuse=reuse,
        )
        return job.wait(on_progress=on_progress)

    def start_training_set(
        self,
        service: str,
        labels: Labels,
        *,
        name: str | None = None,
        timestamp_column: str | None = None,
        timestamp_unit: TimestampUnit | None = None,
        reuse: str | None = None,
        timeout: float | None = None,
    ) -> Job[Dataset]:
        """``labels``: join keys and a timestamp, with any other columns beside them, as a DataFrame, a table of Arrow, one
        dict per label, the path of a Parquet or Arrow file, or a ``ServerFile``; or ``KeysOf`` a view, for every key that it
        has. ``name``: default: the service's; a name that exists gets a new version. ``timestamp_column``: default:
        ``event_timestamp``. ``timestamp_unit``: where that column is a number. ``reuse``: ``name@version`` of a training set
        of the same labels, whose features are not computed again where they mean the same."""
        fields = {
            "service": service,
            "name": name,
            "timestampColumn": timestamp_column,
            "timestampUnit": timestamp_unit,
            "reuse": reuse,
        }
        return self.dataset_job(self._started(dataset_call(labels, fields, timeout)))

    def dataset_job(self, id: str) -> Job[Dataset]:
        """A job that was started before, by whomever. Asks nothing of the server yet."""
        return Job(self._transport, id, self._made_by)

    def dataset(self, name: str, version: int | str = "latest") -> Dataset:
        """``UNKNOWN_NAME`` where there is none. Reads the manifest only."""
        call = Call("GET", f"{DATASETS}/{escaped(name)}/{escaped(str(version))}")
        fields = {"name": str, "version": int, "rows": int, "columns": list, "parts": list}
        manifest: DatasetManifest = expect_fields(call.label, self._transport.json(call), fields)
        return Dataset(self._transport, manifest, self._lookups)

    def datasets(self) -> Iterator[Dataset]:
        """The newest version of each, by name."""
        manifests: Iterator[DatasetManifest] = items_of(self._transport, DATASETS, "datasets")
        return (Dataset(self._transport, manifest, self._lookups) for manifest in manifests)

    def materialize(
        self,
        views: Sequence[str] | None = None,
        *,
        service: str | None = None,
        until: str | datetime | None = None,
        mode: MaterializationMode | None = None,
        allow_future: bool = False,
        on_progress: OnProgress | None = None,
    ) -> list[MaterializationRun]:
        """Puts the values of an instant online and waits for it; one run per view. Where a view fails, ``error.job`` of the
        PlumbError tells about every view."""
        job = self.start_materialization(views, service=service, until=until, mode=mode, allow_future=allow_future)
        return job.wait(on_progress=on_progress)

    def start_materialization(
        self,
        views: Sequence[str] | None = None,
        *,
        service: str | None = None,
        until: str | datetime | None = None,
        mode: MaterializationMode | None = None,
        allow_future: bool = False,
    ) -> Job[list[MaterializationRun]]:
        """``views``: default: those that a service reads. ``service``: only those that this one reads, instead of ``views``.
        ``until``: default: now; more than a day ahead needs ``allow_future``."""
        request = {
            "views": None if views is None else list(views),
            "service": service,
            "until": None if until is None else instant_text(until),
            "mode": mode,
            "allowFuture": True if allow_future else None,
        }
        body = json_bytes({name: value for name, value in request.items() if value is not None})
        call = Call("POST", MATERIALIZATIONS, headers={"content-type": JSON_TYPE}, body=body, retry="untaken")
        return self.materialization_job(self._started(call))

    def materialization_job(self, id: str) -> Job[list[MaterializationRun]]:
        """A job that was started before, by whomever. Asks nothing of the server yet."""
        return Job(self._transport, id, lambda state: (state["result"] or {}).get("runs", []))

    def materializations(self) -> Iterator[JobState]:
        """Newest first."""
        return items_of(self._transport, MATERIALIZATIONS, "materializations")

    def erase(
        self,
        entity: str,
        keys: Sequence[Mapping[str, Any]],
        *,
        on_progress: OnProgress | None = None,
    ) -> dict[str, Any]:
        """Forgets keys of an entity, for good, and waits for it: the report of what was removed. It is recorded once the
        server has answered; where the waiting ends early, the server goes on."""
        body = json_bytes({"entity": entity, "keys": [dict(key) for key in keys]})
        call = Call("POST", ERASURES, headers={"content-type": JSON_TYPE}, body=body, retry="untaken")
        job: Job[dict[str, Any]] = Job(self._transport, self._started(call), _first_report)
        return job.wait(on_progress=on_progress)

    def erasures(self) -> Iterator[dict[str, Any]]:
        """Newest first, each with its report once it is done."""
        return items_of(self._transport, ERASURES, "erasures")

    def status(self) -> ProjectStatus:
        """How far each view is materialized, and its last runs."""
        status: ProjectStatus = self._transport.json(Call("GET", "/v1/status"))
        return status

    def unready_reason(self) -> PlumbError | None:
        """What is missing until lookups can be answered; None: nothing. Asks once. Raises where no server answers."""
        try:
            self._transport.send(Call("GET", "/readyz", retry="never"))
        except PlumbError as error:
            if error.status is None:
                raise
            return error
        return None

    def _started(self, call: Call) -> str:
        id: Any = expect_fields(call.label, self._transport.json(call), {"id": str})["id"]
        return str(id)

    def _made_by(self, state: JobState) -> Dataset:
        if state["result"] is None:
            raise protocol_error(f"GET /v1/jobs/{state['id']}: succeeded, but has no result")
        return self.dataset(state["result"]["name"], state["result"]["version"])


def _first_report(state: JobState) -> dict[str, Any]:
    reports: list[dict[str, Any]] = (state["result"] or {}).get("reports", [])
    return reports[0] if reports else {}
