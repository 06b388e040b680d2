// The public shapes of a collection: what is asked, what is reported. Plain data.

export interface GcRequest {
  /** Looks and removes nothing. */
  readonly dryRun: boolean;
  /** Stops once about so many rows and objects were removed; null: none. */
  readonly limit: number | null;
  /** Stops once so much time has passed; null: none. */
  readonly maxMillis: number | null;
}

export type Kind =
  | 'view'
  | 'rows'
  | 'tombstones'
  | 'generation'
  | 'serving state'
  | 'snapshot'
  | 'run without a snapshot'
  | 'dataset'
  | 'unreferenced parts'
  | 'job'
  | 'upload'
  | 'change'
  | 'key'
  | 'lease'
  | 'unfinished work'
  | 'events'
  | 'rejected events';

/** Of one kind and one owner: a view, a dataset, or nothing where the kind says it all. */
export interface Removed {
  readonly kind: Kind;
  readonly name: string;
  /** Rows, runs, versions, or objects. */
  readonly items: number;
  /** null where the store does not tell. */
  readonly bytes: number | null;
}

export interface Left {
  readonly kind: Kind;
  readonly name: string;
  readonly items: number;
  readonly why: string;
}

export interface GcReport {
  readonly dryRun: boolean;
  /** False where it stopped before its end: the next one goes on from there. */
  readonly complete: boolean;
  /** True where it went on from where a former one stopped. */
  readonly resumed: boolean;
  readonly removed: readonly Removed[];
  readonly left: readonly Left[];
}

export interface GcProgress {
  readonly step: string;
  /** Removed so far. */
  readonly items: number;
}

export interface Collector {
  /** CONFLICT where another one is at work. */
  collect(request: GcRequest, onProgress?: (progress: GcProgress) => void): Promise<GcReport>;
}
