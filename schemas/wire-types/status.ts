// Status: how far each view is materialized.
import type { MaterializationRun } from './materializations.ts';

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
  /** Of a former definition, beside the view's own: the bound training sets that its generation is held for. */
  readonly boundTo?: readonly string[] | undefined;
  readonly kind: 'row' | 'aggregate';
  /** False: in training sets only (`online: false`). */
  readonly online: boolean;
  /** The `until` of its last run; null where it was never materialized. */
  readonly watermark: string | null;
  /** Seconds from the watermark to the clock of the server; negative where the watermark lies ahead. */
  readonly freshnessSeconds: number | null;
  /** When the newest run that should have been was due; null where nothing is scheduled, or nothing was due yet. */
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
