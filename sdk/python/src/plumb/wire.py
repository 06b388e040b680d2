"""What goes over HTTP, as types; the keys are those of docs/reference/http.md. Instants are RFC 3339 text in UTC."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

JobStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]
MaterializationMode = Literal["incremental", "full", "from_snapshot"]
TimestampUnit = Literal["s", "ms", "us"]


class WireError(TypedDict):
    code: str
    message: str
    details: dict[str, Any]


class JobProgress(TypedDict):
    phase: str
    #: Of a materialization: the view at work.
    view: str | None
    rowsDone: int
    #: None while unknown.
    rowsTotal: int | None


class JobState(TypedDict):
    id: str
    kind: Literal["dataset", "materialization", "command"]
    status: JobStatus
    request: dict[str, Any]
    createdAt: str
    startedAt: str | None
    finishedAt: str | None
    #: None before the work starts.
    progress: JobProgress | None
    #: Of a job that ended well: ``name``, ``version``, ``rows`` of a training set, ``runs`` of a materialization,
    #: ``exitCode`` of a command that a schedule ran.
    result: dict[str, Any] | None
    #: Of a failed or cancelled job.
    error: WireError | None


class MaterializationRun(TypedDict, total=False):
    view: str
    run: str
    mode: MaterializationMode
    outcome: Literal["succeeded", "skipped", "failed"]
    #: Why it was skipped or failed, or what to know of it.
    notice: str | None
    generation: str | None
    until: str
    startedAt: str
    finishedAt: str
    rowsScanned: int
    rowsWritten: int
    tombstonesWritten: int
    #: Values served as INVALID, by feature.
    invalidValues: dict[str, int]
    sourceFiles: dict[str, int]


class DatasetColumn(TypedDict):
    name: str
    #: ``label``: a column of the labels that passed through.
    type: str
    #: The engine's type.
    physical: str


class DatasetPart(TypedDict):
    path: str
    rows: int
    sizeBytes: int
    sha256: str


class DatasetFeature(TypedDict):
    #: The column.
    name: str
    #: ``view:feature``.
    feature: str
    #: The label columns that are its join keys.
    readAs: list[str]
    #: Equal for features whose values come about in the same way.
    meaning: str


class DatasetManifest(TypedDict, total=False):
    kind: Literal["dataset"]
    name: str
    version: int
    createdAt: str
    project: str
    registryVersion: int | None
    service: str
    #: Absent in sets of older versions, and of drafts.
    serviceVersion: int
    #: Which columns are features, in order; absent in sets of older versions.
    features: list[DatasetFeature]
    columns: list[DatasetColumn]
    rows: int
    #: Signs that the set holds its own target.
    warnings: list[str]
    labels: dict[str, Any]
    #: Of a set that was made with ``reuse``: ``name``, ``version``, the ``features`` that were taken.
    reused: dict[str, Any]
    sources: list[dict[str, Any]]
    #: In row order.
    parts: list[DatasetPart]


class ViewState(TypedDict, total=False):
    view: str
    kind: Literal["row", "aggregate"]
    #: The ``until`` of its last run; None where it was never materialized.
    watermark: str | None
    freshnessSeconds: float | None
    #: When the newest run that should have been was due; None where nothing is scheduled.
    expectedRun: str | None
    #: Since the first run that should have been and was not; 0 where none is missing.
    overdueSeconds: float | None
    generation: str | None
    #: The definition changed since the live generation was filled.
    changed: bool
    #: Runs succeeded, but the online store has nothing of the view.
    emptied: bool
    pendingRun: str | None
    runningBy: dict[str, Any] | None
    #: Newest first.
    lastRuns: list[MaterializationRun]
    unread: str | None
    damaged: list[str]


class ProjectStatus(TypedDict):
    project: str
    version: int
    views: list[ViewState]


class RegistrySummary(TypedDict):
    project: str
    version: int
    entities: list[str]
    sources: list[str]
    featureViews: list[str]
    featureServices: list[str]
