// What goes over HTTP, as types (DESIGN section 5): for SDKs, which take them without zod. The zod contracts in wire/ are
// checked against these. Instants are RFC 3339 text in UTC. Imports no package.
import type { ErrorCode } from './errors.ts';
import type { DataType, Status } from './types.ts';

/**
 * A value as JSON writes it: int64 as a number with all its digits (or text, where asked for), timestamps as RFC 3339
 * text, bytes as base64, lists as arrays.
 */
export type WireValue = null | boolean | number | string | readonly WireValue[];

/** POST /v1/online-features. Exactly one of `service`, `dataset` and `features` is given. */
export interface OnlineFeaturesRequest {
  /** `name`, or `name@version`: the features of that version, with the meaning that they had in it. */
  readonly service?: string | undefined;
  /** `name@version`: the features of a training set, with the meaning that they have there. */
  readonly dataset?: string | undefined;
  /** `view:feature` or `view:*`. */
  readonly features?: readonly string[] | undefined;
  /** Join key to value, one object per row of the answer. */
  readonly entities: readonly Readonly<Record<string, unknown>>[];
  readonly context?: readonly Readonly<Record<string, unknown>>[] | undefined;
  /** Default: the server's clock. */
  readonly at?: string | undefined;
  readonly statuses?: boolean | undefined;
  readonly eventTimes?: boolean | undefined;
  readonly asOf?: boolean | undefined;
  readonly int64?: 'number' | 'string' | undefined;
  /** Where parts of the online store are away: answer the rest, and null with status UNAVAILABLE in their place. */
  readonly partial?: boolean | undefined;
}

export interface OnlineFeaturesResponse {
  /** null where the request named features. */
  readonly service: string | null;
  /** Registry version. */
  readonly version: number;
  /** Where the request named a version of a service, or a dataset. */
  readonly serviceVersion?: number | undefined;
  /** Output names: the columns of `rows`, `statuses` and `eventTimes`. */
  readonly features: readonly string[];
  readonly rows: readonly (readonly WireValue[])[];
  readonly statuses?: readonly (readonly Status[])[] | undefined;
  readonly eventTimes?: readonly (readonly (string | null)[])[] | undefined;
  /** View to the instant of its last run. */
  readonly asOf?: Readonly<Record<string, string>> | undefined;
  /** With `asOf`: views that still serve their former definition. */
  readonly changed?: readonly string[] | undefined;
  readonly at: string;
}

export interface ErrorBody {
  readonly error: WireError;
}

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export const JOB_KINDS = ['dataset', 'materialization', 'command'] as const;
export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export interface JobProgress {
  readonly phase: string;
  /** Of a materialization: the view at work. */
  readonly view: string | null;
  readonly rowsDone: number;
  /** null while unknown. */
  readonly rowsTotal: number | null;
}

interface JobState {
  readonly id: string;
  readonly status: JobStatus;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** null before the work starts. */
  readonly progress: JobProgress | null;
  /** Of a failed or cancelled job. */
  readonly error: WireError | null;
}

/** GET /v1/jobs/{id}; also the 202 of what makes jobs. */
export type Job = DatasetJob | MaterializationJob | CommandJob;

export interface DatasetJob extends JobState {
  readonly kind: 'dataset';
  readonly request: {
    readonly service: string;
    readonly name: string;
    readonly timestampColumn: string;
  };
  /** Of a job that succeeded. */
  readonly result: {
    readonly name: string;
    readonly version: number;
    readonly rows: number;
    /** Signs that the set holds its own target; absent: none. */
    readonly warnings?: readonly string[] | undefined;
  } | null;
}

export interface MaterializationJob extends JobState {
  readonly kind: 'materialization';
  readonly request: {
    /** null: those that a service reads. */
    readonly views: readonly string[] | null;
    /** The service whose views they are; absent: `views`, or any service. */
    readonly service?: string | undefined;
    readonly until: string;
    readonly mode: MaterializationMode;
  };
  /** Of a job that ended by itself: one entry per view; a view that failed makes the job `failed`. */
  readonly result: { readonly runs: readonly MaterializationRun[] } | null;
}

/** A plumb command that a schedule of the project file runs. */
export interface CommandJob extends JobState {
  readonly kind: 'command';
  readonly request: { readonly schedule: string; readonly run: string };
  /** Of a job that succeeded. */
  readonly result: { readonly exitCode: number } | null;
}

export type MaterializationMode = 'incremental' | 'full' | 'from_snapshot';

/** What one run of one view did. */
export interface MaterializationRun {
  readonly view: string;
  /** `<token, 8 digits>`, also the folder under views/<view>/. */
  readonly run: string;
  readonly mode: MaterializationMode;
  readonly outcome: 'succeeded' | 'skipped' | 'failed';
  /** Why it was skipped or failed, or what to know of it. */
  readonly notice: string | null;
  /** Why it failed; null where it did not; absent in records of older versions. */
  readonly error?: RunError | null | undefined;
  readonly generation: string | null;
  readonly until: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Rows that the engine read from the source after pruning files and row groups. */
  readonly rowsScanned: number;
  readonly rowsWritten: number;
  readonly tombstonesWritten: number;
  /** Values served as INVALID, by feature. */
  readonly invalidValues: Readonly<Record<string, number>>;
  readonly sourceFiles: {
    readonly total: number;
    readonly scanned: number;
    readonly rowGroupsTotal: number;
    readonly rowGroupsScanned: number;
  };
}

export interface RunError {
  readonly code: ErrorCode;
  readonly message: string;
}

export const RUN_STATES = ['running', 'succeeded', 'failed', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** GET /v1/runs: one materialization of one view, from the moment that it took its number. */
export interface Run {
  /** `<view>-<run>`. */
  readonly id: string;
  readonly view: string;
  /** Its number, 8 digits. */
  readonly run: string;
  readonly state: RunState;
  /** null where an older version began it and it did not end. */
  readonly mode: MaterializationMode | null;
  /** The job that asked for it; null: a command did. */
  readonly job: string | null;
  readonly startedAt: string;
  /** null while it runs, and where its process ended before it did. */
  readonly finishedAt: string | null;
  /** The values of this instant are computed. */
  readonly until: string | null;
  readonly generation: string | null;
  /** Rows are 0 until it has ended. */
  readonly rowsScanned: number;
  readonly rowsWritten: number;
  readonly tombstonesWritten: number;
  /** What to know of it, or why it failed. */
  readonly notice: string | null;
  /** Of one that failed or was cancelled. */
  readonly error: RunError | null;
}

/** One feature in a verification. */
export interface VerifyFeature {
  /** `view:feature`. */
  readonly feature: string;
  readonly compared: number;
  readonly differs: number;
  /** The greatest distance of two numbers, those that count as equal among them; null where the feature is no number. */
  readonly maxAbs: number | null;
}

/** One value that differs. */
export interface VerifyExample {
  readonly feature: string;
  /** The view's join keys. */
  readonly entity: Readonly<Record<string, unknown>>;
  readonly at: string;
  readonly training: unknown;
  readonly serving: unknown;
  /** Both where the statuses differ: what training says that it must be, and what serving said. */
  readonly trainingStatus?: Status | undefined;
  readonly servingStatus?: Status | undefined;
}

/** What `plumb verify --json` prints. */
export interface VerifyResult {
  readonly seed: number;
  /** Values: one for each key, instant and feature. */
  readonly compared: number;
  readonly equal: number;
  readonly differences: number;
  readonly features: readonly VerifyFeature[];
  /** The first of the differences. */
  readonly examples: readonly VerifyExample[];
}

/** GET /v1/reports: a verification that was done. */
export interface VerifyReportSummary extends Omit<VerifyResult, 'features' | 'examples'> {
  /** Its number, 8 digits. */
  readonly id: string;
  readonly kind: 'verify';
  readonly createdAt: string;
  /** Of the registry; null: definitions in files, which were not registered. */
  readonly version: number | null;
  /** null: all services. */
  readonly service: string | null;
  /** Most pairs of a key and an instant for each view. */
  readonly samples: number;
  readonly seconds: number;
}

/** A feature of a view that changed: how its values move from one version of the definitions to the other. */
export interface MovedFeature {
  /** `view:feature`. */
  readonly feature: string;
  /** That read it in either version. */
  readonly services: readonly string[];
  /** Keys that were asked for, and those of which a value moves. */
  readonly keys: number;
  readonly movedKeys: number;
  /** Values: one for each key and instant. */
  readonly compared: number;
  readonly moved: number;
  /** Of two numbers, among those that move; null where there are none. */
  readonly meanAbs: number | null;
  readonly maxAbs: number | null;
}

/** A view whose rows have to be computed anew before the version is served. */
export interface Refill {
  readonly view: string;
  readonly reason: 'new' | 'changed';
  /** Of the longest of its last runs; null where none is known. */
  readonly rows: number | null;
  readonly seconds: number | null;
}

/** What the current version of the definitions moves against another one. */
export interface VerifyChanges {
  /** That other version. */
  readonly against: number;
  /** Services whose columns are others. */
  readonly services: readonly {
    readonly service: string;
    readonly added: readonly string[];
    readonly removed: readonly string[];
  }[];
  readonly features: readonly MovedFeature[];
  /** Views that changed and of which nothing was compared. */
  readonly notCompared: readonly { readonly view: string; readonly reason: string }[];
  readonly refill: readonly Refill[];
}

/** GET /v1/reports/{id} */
export interface VerifyReport extends VerifyReportSummary, VerifyResult {
  /** Views of which nothing was compared. */
  readonly skipped: readonly { readonly view: string; readonly reason: string }[];
  /** Where it was asked for. */
  readonly changes?: VerifyChanges | undefined;
}

export interface ReportPage extends Page {
  /** Newest first. */
  readonly reports: readonly VerifyReportSummary[];
}

export interface RunPage extends Page {
  /** Newest first. A page may hold fewer than `limit`, or none, and still have a next one. */
  readonly runs: readonly Run[];
}

/** GET /v1/runs/{id}. */
export interface RunDetails extends Run {
  /** Event times that it read, [from, to]; a null `from` is minus infinity. null: it wrote nothing. */
  readonly interval: { readonly from: string | null; readonly to: string } | null;
  /** Of a scheduled view: the boundary that it computed. */
  readonly boundary: string | null;
  /** The runs whose parts together are the view as of this one, oldest first. */
  readonly chain: readonly string[];
  /** Values served as INVALID, by feature. */
  readonly invalidValues: Readonly<Record<string, number>>;
  readonly sourceFiles: MaterializationRun['sourceFiles'];
  /** Parquet files that it wrote under `storage`, those of tombstones among them. */
  readonly parts: { readonly files: number; readonly rows: number; readonly sizeBytes: number };
  /** In the order in which they began. */
  readonly phases: readonly RunPhase[];
  readonly log: readonly RunLogLine[];
}

export interface RunPhase {
  readonly name: string;
  readonly startedAt: string;
  /** null: it goes on, or the process ended in it. */
  readonly seconds: number | null;
  /** null where it has no rows. */
  readonly rows: number | null;
}

export interface RunLogLine {
  readonly at: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** The last run of a schedule that a scheduler started. */
export interface ScheduledRun {
  /** When it was due; a view is materialized as of this instant. */
  readonly due: string;
  readonly job: string;
  /** `retrying`: it failed, and is tried again. `failed`: given up. */
  readonly status: 'running' | 'succeeded' | 'retrying' | 'failed' | 'cancelled';
  /** Attempts that failed. */
  readonly failures: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly retryAt: string | null;
  readonly error: WireError | null;
}

export interface Schedule {
  /** Of the feature view, or of the schedule in the project file. */
  readonly name: string;
  readonly kind: 'view' | 'command';
  /** null: by boundaries. */
  readonly cron: string | null;
  readonly refresh: { readonly every: string; readonly delay: string } | null;
  /** Of a command. */
  readonly run: string | null;
  readonly catchUp: 'latest' | 'each';
  readonly paused: boolean;
  /** The newest instant at which it was due, and the next one; null where there is none. */
  readonly expected: string | null;
  readonly next: string | null;
  readonly lastRun: ScheduledRun | null;
  /** What somebody has to mend. */
  readonly problem: string | null;
}

/** GET /v1/schedules. */
export interface SchedulePage extends Page {
  /** Who runs them; null where no scheduler shows life. */
  readonly scheduler: { readonly host: string; readonly pid: number; readonly since: string } | null;
  /** By name. */
  readonly schedules: readonly Schedule[];
}

/** GET /v1/status. */
export interface ProjectStatus {
  readonly project: string;
  /** Registry version. */
  readonly version: number;
  /** In definition order. */
  readonly views: readonly ViewState[];
}

/** How far one view is materialized. */
export interface ViewState {
  readonly view: string;
  readonly kind: 'row' | 'aggregate';
  /** False: in training sets only (`online: false`). */
  readonly online: boolean;
  /** The `until` of its last run; null where it was never materialized. */
  readonly watermark: string | null;
  /** Seconds from the watermark to the clock of the server; negative where the watermark lies ahead. */
  readonly freshnessSeconds: number | null;
  /** When the newest run that should have been was due; null where nothing is scheduled. */
  readonly expectedRun: string | null;
  /** Seconds since the first run that should have been and was not; 0 where none is missing; null where nothing is scheduled. */
  readonly overdueSeconds: number | null;
  readonly generation: string | null;
  /** True where the definition changed since the live generation was filled. */
  readonly changed: boolean;
  /** True where runs succeeded, but the online store has nothing of the view. */
  readonly emptied: boolean;
  /** A run that did not finish publishing; the next one completes it. */
  readonly pendingRun: string | null;
  /** Who runs it now. */
  readonly runningBy: {
    readonly host: string;
    readonly pid: number;
    readonly purpose: string;
    readonly acquiredAt: string;
    /** The lease cannot be read: all else of its holder is unknown. */
    readonly isDamaged?: true | undefined;
  } | null;
  /** Newest first, at most 10. */
  readonly lastRuns: readonly MaterializationRun[];
  /** Source files that changed where incremental runs do not look, and what to do; null where there are none. */
  readonly unread: string | null;
  /** Stored objects of the view that cannot be read, and what to do with each. */
  readonly damaged: readonly string[];
}

/** POST /v1/materializations. */
export interface MaterializationRequest {
  /** Default: the views that a service reads. */
  readonly views?: readonly string[] | undefined;
  /** The views that this service reads, instead of `views`. */
  readonly service?: string | undefined;
  /** Default: now. */
  readonly until?: string | undefined;
  /** Lets `until` lie more than a day after the clock of the server. Default: false. */
  readonly allowFuture?: boolean | undefined;
  /** Default: incremental. */
  readonly mode?: MaterializationMode | undefined;
}

export type TimestampUnit = 's' | 'ms' | 'us';

/** POST /v1/datasets as JSON. With an Arrow IPC stream as the body, all but `labels` are query parameters. */
export interface DatasetRequest {
  readonly service: string;
  /** Default: the service's name. */
  readonly name?: string | undefined;
  readonly labels:
    | { readonly columns: Readonly<Record<string, readonly unknown[]>> }
    /** A file under one of `server.labelRoots`. */
    | { readonly path: string }
    | KeysOfLabels;
  /** Default: event_timestamp. */
  readonly timestampColumn?: string | undefined;
  /** Where the timestamp column is a number. */
  readonly timestampUnit?: TimestampUnit | undefined;
  /** `name@version` of a training set of the same labels: features that mean the same there are not computed again. */
  readonly reuse?: string | undefined;
}

/** In place of labels: every key that a view has at an instant, or at each instant of a grid. */
export type KeysOfLabels =
  | { readonly keysOf: string; readonly at: string }
  /** `from`, `from + every`, … before `to`; `every` is a duration such as `1d`. */
  | { readonly keysOf: string; readonly from: string; readonly to: string; readonly every: string };

/** GET /v1/datasets/{name}/{version}; `version` may be `latest`. The rows are in the parts, /parts/{n} from 0. */
export interface Dataset {
  readonly kind: 'dataset';
  readonly name: string;
  readonly version: number;
  readonly createdAt: string;
  readonly project: string;
  /** null: of a draft, made from definitions that were not registered. */
  readonly registryVersion: number | null;
  readonly service: string;
  /** The service's own version; absent in sets of older versions. */
  readonly serviceVersion?: number | undefined;
  /** Which columns are features, in order, and what they mean; absent in sets of older versions. */
  readonly features?: readonly DatasetFeature[] | undefined;
  readonly columns: readonly {
    readonly name: string;
    /** `label`: a column of the labels that passed through. */
    readonly type: DataType | 'label';
    /** The engine's type. */
    readonly physical: string;
  }[];
  readonly rows: number;
  /** Signs that the set holds its own target, in words; absent in sets of older versions. */
  readonly warnings?: readonly string[] | undefined;
  readonly labels: {
    readonly file: string;
    readonly sha256: string;
    readonly timestampColumn: string;
    readonly interval: { readonly from: string; readonly to: string } | null;
    /** Of labels that are the keys of a view: the view, and at which instants. */
    readonly keysOf?:
      | { readonly view: string; readonly at: string }
      | { readonly view: string; readonly from: string; readonly to: string; readonly every: string }
      | undefined;
  };
  /** Of a set that was made with `reuse`: what it was taken from, and which features. */
  readonly reused?:
    | {
        readonly name: string;
        readonly version: number;
        readonly features: readonly string[];
        /** Features that are there, and were computed all the same. */
        readonly notReused?: readonly { readonly name: string; readonly why: string }[] | undefined;
      }
    | undefined;
  readonly sources: readonly {
    readonly name: string;
    readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly identity: string }[];
  }[];
  /** In row order. */
  readonly parts: readonly DatasetPart[];
}

export interface DatasetFeature {
  /** Of the column. */
  readonly name: string;
  /** `view:feature`. */
  readonly feature: string;
  /** The columns that each join key of the view was read from. */
  readonly readAs: readonly string[];
  /** Equal for features whose values come about in the same way. */
  readonly meaning: string;
  /** Of a row view: equal where it tells rows of one instant apart in the same way. */
  readonly rowOrder?: string | undefined;
}

export interface DatasetPart {
  readonly path: string;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Lists are given in pages: `?limit=` (1 to 1000, default 100) and `?cursor=`, the `next` of the page before. */
export interface Page {
  /** null on the last page. */
  readonly next: string | null;
}

export interface DamagedDataset {
  readonly name: string;
  readonly version: number;
  /** What is wrong, and what to do. */
  readonly message: string;
}

export interface DatasetPage extends Page {
  /** The newest version of each, by name. */
  readonly datasets: readonly Dataset[];
  /** Those whose newest version cannot be read; absent where there are none. */
  readonly damaged?: readonly DamagedDataset[] | undefined;
}

export interface MaterializationPage extends Page {
  /** Newest first. */
  readonly materializations: readonly MaterializationJob[];
}

/** An entity, source, feature view or feature service in the words of definitions. */
export type Described = Readonly<Record<string, unknown>> & { readonly name: string };

export interface EntityPage extends Page {
  readonly entities: readonly Described[];
}
export interface SourcePage extends Page {
  readonly sources: readonly Described[];
}
export interface FeatureViewPage extends Page {
  readonly featureViews: readonly Described[];
}
export interface FeatureServicePage extends Page {
  readonly featureServices: readonly Described[];
}

/** GET /v1/registry: the newest registered version, by name. */
export interface RegistrySummary {
  readonly project: string;
  readonly version: number;
  readonly entities: readonly string[];
  readonly sources: readonly string[];
  readonly featureViews: readonly string[];
  readonly featureServices: readonly string[];
}
