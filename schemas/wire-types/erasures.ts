// Erasures of keys.

/** POST /v1/erasures */
export interface ErasureRequest {
  readonly entity: string;
  /** Join keys by name. */
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

interface Rewritten {
  readonly parts: number;
  readonly rows: number;
  /** Of the parts, before. */
  readonly bytes: number;
}

export interface ErasedView extends Rewritten {
  readonly view: string;
  /** Entries of the online store. */
  readonly online: number;
  readonly runs: number;
}

export interface ErasedDataset extends Rewritten {
  readonly name: string;
  readonly version: number;
}

/** Files that hold the keys, and that Plumb does not own. */
export interface HoldingSource {
  readonly source: string;
  /** null: not counted, for the reason of `why`. */
  readonly rows: number | null;
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  readonly why: string | null;
}

/** What an erasure removed, and what it could not. */
export interface ErasureReport {
  /** null: a dry run. */
  readonly id: string | null;
  readonly entity: string;
  readonly keys: number;
  readonly before: string;
  readonly dryRun: boolean;
  readonly finishedAt: string;
  readonly views: readonly ErasedView[];
  readonly datasets: readonly ErasedDataset[];
  readonly reports: { readonly reports: number; readonly examples: number };
  readonly sources: readonly HoldingSource[];
  readonly left: readonly { readonly what: string; readonly why: string }[];
}

/** GET /v1/erasures/{id} */
export interface ErasureSummary {
  readonly id: string;
  readonly entity: string;
  readonly keys: number;
  readonly before: string;
  readonly status: 'pending' | 'done';
  readonly report: ErasureReport | null;
}

/** GET /v1/erasures */
export interface ErasurePage {
  readonly erasures: readonly ErasureSummary[];
  readonly next: string | null;
}
