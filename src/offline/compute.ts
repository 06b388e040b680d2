// Port: an engine that runs plans. Takes files, leaves Parquet files; knows nothing of manifests, registries or online stores.
// Every call is independent; all work files lie in the folder that the caller gives. Locations are URIs (storage/location.ts),
// such as the engine can read and write: an embedded one gets file:///…, one with machines of its own s3://… too.
import type { MakeEntry } from '../aggregate/entry-material.ts';
import type { TimestampUnit } from '../catalog/catalog.ts';
import type { EntriesNode } from '../plan/entries-node.ts';
import type { KeysNode, MaterializationNode, TrainingSetNode } from '../plan/nodes.ts';
import type { SourceFile } from '../storage/source-files.ts';
import type { LabelLimits } from './arrow/label-limits.ts';
import type { LabelFormat } from './dataset.ts';

export interface Compute {
  createTrainingSet(job: TrainingSetJob): Promise<TrainingSetOutcome>;
  explainTrainingSet(job: TrainingSetJob): Promise<Explained>;
  /** Labels without a file: the keys of a view at the instants of a grid, as parts in that order. */
  listKeys(job: KeysJob): Promise<readonly PartFile[]>;
  explainKeys(job: KeysJob): Promise<Explained>;
  materialize(job: MaterializationJob): Promise<MaterializationOutcome>;
  /** The entries of a continuous aggregate view, as parts: keys, `__event_time` and `__entry`. */
  materializeEntries(job: EntriesJob): Promise<MaterializationOutcome>;
}

export interface LabelFiles {
  /** Of one format, in row order. */
  readonly uris: readonly string[];
  /** What errors call them: where they lie is not told. */
  readonly name: string;
  readonly format: Exclude<LabelFormat, 'arrow'>;
  readonly timestampUnit: TimestampUnit | null;
  readonly limits: Pick<LabelLimits, 'columns' | 'depth'>;
}

/** The files of each scan, by its id. */
export type FilesByScan = ReadonlyMap<string, readonly SourceFile[]>;

export interface TrainingSetJob {
  readonly plan: TrainingSetNode;
  /** Key-value metadata of each Parquet part. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly labels: LabelFiles;
  readonly sources: FilesByScan;
  /** Parts of the former training set that the plan takes columns from, in row order. */
  readonly formerParts?: readonly string[] | undefined;
  /** URI. Parts go here as `part-00000.parquet`, …; spilled data beside them. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (rowsDone: number, rowsTotal: number | null) => void;
}

export interface KeysJob {
  readonly plan: KeysNode;
  /** Of the view's source. */
  readonly files: readonly SourceFile[];
  /** URI. Parts go here as `keys-00000.parquet`, …: one at least, which may have no row. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface TrainingSetOutcome {
  readonly rows: number;
  readonly parts: readonly PartFile[];
  readonly columns: readonly { readonly name: string; readonly physical: string }[];
  /** Earliest and latest label time; null without labels. */
  readonly interval: { readonly fromMicros: bigint; readonly toMicros: bigint } | null;
  /** Signs that the training set holds its own target, in words. */
  readonly warnings: readonly string[];
  /** Of each label of the service: how many rows had not matured when the build began. */
  readonly immature: readonly { readonly name: string; readonly rows: number }[];
}

export interface PartFile {
  readonly uri: string;
  readonly rows: number;
}

export interface Explained {
  readonly strategy: readonly string[];
  readonly sql: readonly string[];
}

export interface MaterializationJob extends RunJob {
  readonly plan: MaterializationNode;
}

export interface EntriesJob extends RunJob {
  readonly plan: EntriesNode;
  /** Called once for each key, in the order of keys. */
  readonly make: MakeEntry;
}

/** A run of a view, whatever it computes. */
export interface RunJob {
  readonly files: readonly SourceFile[];
  /** Parquet parts of the runs before, by URI: rows of the same generation, to order new rows against and to tell the keys that are gone. */
  readonly previousParts: readonly string[];
  /** As in TrainingSetJob. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** In rows of the source. */
  readonly onProgress?: (rowsDone: number, rowsTotal: number | null) => void;
}

export interface MaterializationOutcome {
  readonly rows: number;
  readonly parts: readonly PartFile[];
  /** Keys only. */
  readonly gone: readonly PartFile[];
  readonly invalidValues: Readonly<Record<string, number>>;
  readonly scanned: ScanStatistics;
  /** What the whole source holds, where a run over all rows wrote none; else absent. */
  readonly unused?: SourceRows;
}

export interface SourceRows {
  readonly rows: number;
  /** Of the event times; null where no row has one. */
  readonly fromMicros: bigint | null;
  readonly toMicros: bigint | null;
}

export interface ScanStatistics {
  readonly rows: number;
  readonly files: number;
  readonly filesTotal: number;
  /** Parquet only; 0 for other formats. */
  readonly rowGroups: number;
  readonly rowGroupsTotal: number;
}
