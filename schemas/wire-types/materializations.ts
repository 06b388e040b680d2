// Materializations: the request, and what one run of a view did.
import type { ErrorCode } from '../errors.ts';

export type MaterializationMode = 'incremental' | 'full' | 'from_snapshot';

/** What one run of one view did. */
export interface MaterializationRun {
  readonly view: string;
  /** Of a former definition: the bound training sets that its generation is held for. Absent: of the present one. */
  readonly boundTo?: readonly string[] | undefined;
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
