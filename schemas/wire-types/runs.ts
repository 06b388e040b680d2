// Runs of views, as they are recorded.
import type { MaterializationMode, MaterializationRun, RunError } from './materializations.ts';
import type { Page } from './pages.ts';

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
