// The frozen, resolved form of all definitions: what every other part of Plumb works from. Plain data; knows no zod,
// no files and no engine. `resolve.ts` builds it; names are checked, types known, durations are microseconds.
import type { Aggregate, DataType, JoinKeyType, Value } from '../../schemas/types.ts';
import type { Erasure } from './erasure.ts';
import type { Expression } from './expression.ts';

export interface Catalog {
  readonly project: string;
  /** 1, 2, … in the registry; DRAFT_VERSION for definitions that were resolved but not registered. */
  readonly version: number;
  readonly entities: ReadonlyMap<string, Entity>;
  readonly sources: ReadonlyMap<string, Source>;
  readonly views: ReadonlyMap<string, FeatureView>;
  readonly services: ReadonlyMap<string, FeatureService>;
  /**
   * Of each service, those that are gone too: their numbers are not given again. Absent in definitions that are not
   * registered, and in versions that were registered before services had versions of their own.
   */
  readonly serviceVersions?: ReadonlyMap<string, ServiceVersion>;
  /** Of each view that was registered, or changed, since this is kept; absent in definitions that are not registered. */
  readonly viewsSince?: ReadonlyMap<string, ViewSince>;
  /** Keys whose earlier rows count nowhere: no part of a version, attached for who plans with it. Absent: none. */
  readonly erasures?: readonly Erasure[];
}

/** The apply that registered a view with the fingerprint that it has. */
export interface ViewSince {
  readonly micros: bigint;
}

/** The next one begins where the members of a service or the meaning of one of them change. */
export interface ServiceVersion {
  /** 1, 2, … */
  readonly version: number;
  /** The registry version that it began with. */
  readonly since: number;
  /** SHA-256 over names, order, join keys and meaning of the service's features. */
  readonly fingerprint: string;
}

export const DRAFT_VERSION = 0;

/** null: of a draft. */
export const registeredVersion = ({ version }: Catalog): number | null => (version === DRAFT_VERSION ? null : version);

export interface Documented {
  readonly description: string | null;
  readonly owner: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Entity extends Documented {
  readonly name: string;
  readonly joinKeys: readonly JoinKey[];
}

export interface JoinKey {
  readonly name: string;
  readonly type: JoinKeyType;
}

export type SourceFormat = 'parquet' | 'csv' | 'jsonl';
export type TimestampUnit = 's' | 'ms' | 'us';

export interface Source extends Documented {
  readonly name: string;
  readonly kind: 'batch' | 'stream';
  /** File, glob, or s3:// URL, relative to the project's folder; of a stream `lake://<name>`: the parts of its lake. */
  readonly path: string;
  readonly format: SourceFormat;
  readonly timestampColumn: string;
  /** Only where the timestamp column is a number. */
  readonly timestampUnit: TimestampUnit | null;
  /** Of a stream that of its lake, which is none of `columns`. */
  readonly createdTimestampColumn: string | null;
  readonly createdTimestampUnit: TimestampUnit | null;
  /** Declared columns, or, for Parquet without a declaration, those that the source check found. */
  readonly columns: ReadonlyMap<string, DataType>;
  /** Of csv only; absent where nothing of it is declared. */
  readonly csv?: CsvDialect;
  /** Those of `columns` that are read from the names of folders (`dt=2026-01-01/`), not from files. */
  readonly partitionColumns?: ReadonlyMap<string, PartitionColumn>;
  /** Of a stream only. */
  readonly stream?: StreamRules;
}

export interface StreamRules {
  /** Events of one id count once. */
  readonly eventIdColumn: string | null;
  readonly maxFutureMicros: bigint;
  /** How long rejected events are kept; null: they are not. */
  readonly deadLettersMicros: bigint | null;
  readonly history: History | null;
}

/** Rows stamped before `untilMicros` come from these files, from it on from the lake. */
export interface History {
  readonly untilMicros: bigint;
  /** Called `<stream>.history`. Its columns have the stream's types or narrower ones; what it lacks is null. */
  readonly source: Source;
}

/** A date is an instant at 00:00 UTC. */
export type PartitionType = 'date' | 'string' | 'int64' | 'timestamp';

export interface PartitionColumn {
  readonly type: PartitionType;
  /** event_time: the event times of rows below a folder lie in its day, so that folders can be left out. */
  readonly bounds: 'event_time' | null;
}

/** What a folder says: int64, or microseconds since 1970 of a date or timestamp, as bigint. */
export type FolderValue = string | bigint | null;

export interface CsvDialect {
  /** One character. */
  readonly delimiter: string;
  /** Text without quotes that reads as null. */
  readonly nullValues: readonly string[];
  /** The first line has the names (true), or there is no such line and the names are these. */
  readonly header: true | readonly string[];
}

export const DEFAULT_DIALECT: CsvDialect = { delimiter: ',', nullValues: [''], header: true };

export type FeatureView = ServableView | LabelView;

/** All but labels. */
export type ServableView = RowView | AggregateView;

interface ViewBase extends Documented {
  readonly name: string;
  readonly entities: readonly string[];
  /** All join keys of the view's entities, in order, with the source column each is read from. */
  readonly joinKeys: readonly (JoinKey & { readonly column: string })[];
  readonly source: string;
  readonly where: Expression | null;
  /** null: continuous. */
  readonly refresh: Refresh | null;
  /** Cron, in UTC: when a scheduler runs a view without refresh. */
  readonly schedule?: string;
  /** Boundaries that were missed are run in turn; absent: the newest one alone. */
  readonly catchUp?: 'each';
  readonly visibleFrom: 'event_time' | 'created_time';
  /** false: in training sets only. Absent: online too. */
  readonly online?: false;
  /** SHA-256 (hex) of everything that can change the view's values; not of descriptions, owners or tags. */
  readonly fingerprint: string;
}

export interface Refresh {
  readonly everyMicros: bigint;
  readonly delayMicros: bigint;
}

export interface RowView extends ViewBase {
  readonly kind: 'row';
  readonly strictlyBefore: boolean;
  readonly ttlMicros: bigint | null;
  readonly latenessMicros: bigint;
  /** Where it holds for the chosen row, the key is not found. Absent: rows say nothing of the kind. */
  readonly deletedWhen?: Expression;
  readonly features: readonly RowFeature[];
}

interface FeatureBase extends Documented {
  readonly name: string;
  /**
   * A fingerprint of everything that can change its values; the other features of its view are not in it. Absent in versions
   * that were registered before features had it.
   */
  readonly meaning?: string;
}

export interface RowFeature extends FeatureBase {
  readonly type: DataType;
  readonly expression: Expression;
  /** Replaces null; null where the feature has none. */
  readonly default: Value;
}

export interface AggregateView extends ViewBase {
  readonly kind: 'aggregate';
  readonly features: readonly AggregateFeature[];
}

export interface AggregateFeature extends FeatureBase {
  /** The type of the result. */
  readonly type: DataType;
  readonly aggregate: Aggregate;
  /** null only for `count` of rows. */
  readonly input: Expression | null;
  /** Rows for which it is not true do not exist for this feature; absent: all that pass the view's `where` do. */
  readonly where?: Expression;
  /** For last_n. */
  readonly n: number | null;
  /** For approx_percentile. */
  readonly p: number | null;
  /** For sessions, absent for others: how far neighbours of one session may lie apart. */
  readonly gapMicros?: bigint;
  /** Absent: one value for all rows. */
  readonly by?: ByKeys;
  /** null: unbounded. */
  readonly windowMicros: bigint | null;
  /** How long before the instant the window ends; absent: it ends at the instant. */
  readonly offsetMicros?: bigint;
  /**
   * The grid that a continuous window's start is floored to, and its end where it has an offset; null in scheduled views and for
   * unbounded windows.
   */
  readonly hopMicros: bigint | null;
  readonly default: Value;
}

/** A value for each value of a column: a map, or its keys alone. */
export interface ByKeys {
  /** A column. Its values, as CAST to string writes them, are the keys. */
  readonly input: Expression;
  /** Only so many, by value from the greatest on, then by the bytes of their keys; null: all, by the bytes of their keys. */
  readonly top: number | null;
  readonly asKeys: boolean;
}

/** What comes after an instant: in training sets only, neither run nor served. Continuous, and visible by event time. */
export interface LabelView extends ViewBase {
  readonly kind: 'label';
  readonly features: readonly LabelFeature[];
}

/** Over `[t, t + window)`. */
export interface LabelFeature extends AggregateFeature {
  readonly windowMicros: bigint;
  readonly hopMicros: null;
}

export interface FeatureService extends Documented {
  readonly name: string;
  /** In output order. */
  readonly features: readonly ServiceFeature[];
}

export interface ServiceFeature {
  /** Output name: `<view>__<feature>` or `<prefix><feature>`. */
  readonly name: string;
  readonly view: string;
  readonly feature: string;
  /** For each join key of the view, in its order: the name it is read under from labels and requests. */
  readonly readAs: readonly string[];
}
