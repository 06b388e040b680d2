// The public shapes of training sets: what is asked, what is kept. Plain data.

import type { Dataset } from '../../schemas/wire-types.ts';
import type { TimestampUnit } from '../catalog/catalog.ts';
import type { Versioned } from '../catalog/versioned.ts';
import type { Json, JsonObject } from '../lossless-json.ts';
import type { Grid } from '../plan/plan-keys.ts';
import type { LabelLimits } from './arrow/label-limits.ts';

export type LabelFormat = 'parquet' | 'csv' | 'jsonl' | 'arrow';

/** A file of one's own, or one that was uploaded. */
export interface LabelFile {
  readonly kind: 'file';
  /** Absolute; the format is told by the ending. */
  readonly path: string;
  /** What the manifest calls the labels; the file's name where it is left out. */
  readonly name?: string;
  /** Of an upload; left out where the labels are a file of one's own. */
  readonly limits?: LabelLimits;
  readonly timestampUnit: TimestampUnit | null;
}

/** The keys that a view has at each instant of a grid. */
export interface KeysOf {
  readonly kind: 'keys';
  readonly view: string;
  readonly grid: Grid;
}

export interface DatasetRequest {
  readonly service: string;
  readonly labels: LabelFile | KeysOf;
  readonly timestampColumn: string;
  /** null: the service's name. */
  readonly name: string | null;
  /** Also write the whole set into one file (.parquet .jsonl .csv .arrow by ending); absolute path. */
  readonly outPath: string | null;
  /** A training set of the same labels, from which features that mean the same are taken. */
  readonly reuse?: Versioned;
  /** Whether warnings are errors: nothing is made then. Default: false. */
  readonly isStrict?: boolean;
}

export interface DatasetProgress {
  readonly phase: 'reading_labels' | 'computing' | 'writing';
  readonly rowsDone: number;
  readonly rowsTotal: number | null;
}

/** What `datasets/<name>/<version>/manifest.json` says, as it is also sent over HTTP. */
export type DatasetManifest = Dataset;

export interface Explanation {
  /** The plan tree as indented text. */
  readonly plan: string;
  /** One line per view: which physical strategy and why. */
  readonly strategy: readonly string[];
  readonly sql: readonly string[];
}

/** A version whose manifest cannot be read. */
export interface DamagedDataset {
  readonly name: string;
  readonly version: number;
  /** What is wrong, and what to do. */
  readonly message: string;
}

export interface DatasetListing {
  readonly datasets: readonly DatasetManifest[];
  /** Datasets whose newest version is damaged, in their place. */
  readonly damaged: readonly DamagedDataset[];
}

/** Of entities at one instant. */
export interface Evaluation {
  readonly service: string;
  readonly entities: readonly JsonObject[];
  readonly atMicros: bigint;
}

export interface Evaluated {
  readonly features: readonly string[];
  /** By entity, then feature, as answers to lookups have them. */
  readonly rows: readonly (readonly Json[])[];
}

export interface Datasets {
  create(request: DatasetRequest, onProgress?: (progress: DatasetProgress) => void): Promise<DatasetManifest>;
  explain(request: DatasetRequest): Promise<Explanation>;
  /** The values that a training set would have, and nothing is kept. */
  evaluate(evaluation: Evaluation): Promise<Evaluated>;
  /** Newest version of each, by name. */
  list(): Promise<DatasetListing>;
  /** `version` null: the newest. Rejects with UNKNOWN_NAME. */
  show(name: string, version: number | null): Promise<DatasetManifest>;
  /** Whether `plumb gc` has to keep that version, whatever the retention is. Otherwise as `show`. */
  keep(name: string, version: number | null, isKept: boolean): Promise<DatasetManifest>;
  /** Versions that lookups are bound to, `name@version`, by name. */
  bound(): Promise<readonly string[]>;
}
