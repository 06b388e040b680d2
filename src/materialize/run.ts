// The public shapes of a materialization: what is asked, what is reported. Plain data.
import type { PlumbError } from '../../schemas/errors.ts';

export interface MaterializeRequest {
  /** null: every view. */
  readonly views: readonly string[] | null;
  readonly untilMicros: bigint;
  readonly mode: 'incremental' | 'full' | 'from_snapshot';
}

export interface MaterializeProgress {
  readonly view: string;
  readonly phase: 'computing' | 'writing' | 'publishing';
  readonly rowsDone: number;
  /** null while unknown. */
  readonly rowsTotal: number | null;
}

export type RunOutcome = 'succeeded' | 'skipped' | 'failed';

/** One run of one view, as kept in the run history and shown by `plumb status`. */
export interface RunReport {
  readonly view: string;
  /** `<token, 8 digits>`, also the folder under views/<view>/. */
  readonly run: string;
  readonly mode: MaterializeRequest['mode'];
  readonly outcome: RunOutcome;
  /** For skipped and failed runs: why, in one sentence. */
  readonly notice: string | null;
  readonly generation: string | null;
  /** RFC 3339. */
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

export interface ViewStatus {
  readonly view: string;
  readonly kind: 'row' | 'aggregate';
  readonly watermark: string | null;
  readonly generation: string | null;
  /** True where the definition changed since the live generation was filled. */
  readonly changed: boolean;
  /** True where runs of the view succeeded, but the store has nothing of it: it was emptied, or is another one than then. */
  readonly emptied: boolean;
  /** A run that wrote its manifest but did not finish publishing; the next run completes it. */
  readonly pendingRun: string | null;
  readonly lastRuns: readonly RunReport[];
}

export interface Materializer {
  /** Runs view by view; a failed view is reported and the others go on. `onFailure` is told its error in full. */
  materialize(
    request: MaterializeRequest,
    onProgress?: (progress: MaterializeProgress) => void,
    onFailure?: (view: string, error: PlumbError) => void,
  ): Promise<readonly RunReport[]>;
  status(): Promise<readonly ViewStatus[]>;
}
