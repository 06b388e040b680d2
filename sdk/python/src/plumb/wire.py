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
    kind: Literal["dataset", "materialization", "command", "erasure"]
    status: JobStatus
    request: dict[str, Any]
    createdAt: str
    startedAt: str | None
    finishedAt: str | None
    #: None before the work starts.
    progress: JobProgress | None
    #: Of a job that ended well: ``name``, ``version``, ``rows`` of a training set, ``runs`` of a materialization,
    #: ``exitCode`` of a command that a schedule ran, ``reports`` of an erasure.
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


class _Feature(TypedDict):
    #: The column.
    name: str
    #: ``view:feature``.
    feature: str
    #: The label columns that are its join keys.
    readAs: list[str]
    #: Equal for features whose values come about in the same way.
    meaning: str


class DatasetFeature(_Feature, total=False):
    #: It is what a model is to learn, and is not served; absent of features.
    label: bool


class ImmatureLabel(TypedDict):
    #: The column.
    name: str
    rows: int


class DatasetManifest(TypedDict, total=False):
    kind: Literal["dataset"]
    name: str
    version: int
    #: When the build began: a label is mature where its window had passed by then. Absent in sets of older versions.
    startedAt: str
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
    #: Of each label: rows in which it is null because its window had not passed yet; absent without labels.
    immature: list[ImmatureLabel]
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
    #: When the newest run that should have been was due; None where nothing is scheduled, or was due yet.
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


class ExplainedValue(TypedDict):
    value: Any
    status: str


#: Written so because ``from`` is a word of Python. ``from``: None where the window is unbounded. ``oldest``, of a row view:
#: rows stamped before it are too old at the lookup's instant; None: there is no ttl.
ExplainedWindow = TypedDict(
    "ExplainedWindow", {"from": str | None, "to": str, "includesTo": bool, "oldest": str | None}
)


class ExplainedRow(TypedDict):
    #: As the project names it, or ``s3://bucket/key``.
    file: str
    eventTime: str
    createdTime: str | None
    #: Those that the view reads.
    columns: dict[str, Any]


class ExplainedRun(TypedDict):
    id: str
    generation: str
    watermark: str


class Explanation(TypedDict):
    #: The output name.
    name: str
    view: str
    feature: str
    #: As the lookup returned it.
    value: Any
    status: str
    #: What the rows come to.
    recomputed: ExplainedValue
    #: Whether that is the answer.
    equal: bool
    #: What may be why it is not.
    notes: list[str]
    #: Of the run that serves it; of a scheduled view a boundary.
    effectiveTime: str
    scheduled: bool
    window: ExplainedWindow
    #: Those that count, newest first, 100 at most; of a row view the first one gives the value.
    rows: list[ExplainedRow]
    rowsTotal: int
    #: Rows that came since the run.
    rowsLater: int
    run: ExplainedRun
    defaultApplied: bool


class ExplainedAnswer(TypedDict):
    #: None where the request named features.
    service: str | None
    version: int
    #: Output names: the columns of ``rows`` and ``statuses``, which have one row.
    features: list[str]
    rows: list[list[Any]]
    statuses: list[list[str]]
    at: str
    #: One per feature, in their order.
    explain: list[Explanation]
