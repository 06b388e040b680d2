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
  /** The `until` of its last run, or up to when events of its stream are applied; null where it was never materialized, or no event is. */
  readonly watermark: string | null;
  /** Seconds from the watermark to the clock of the server; negative where the watermark lies ahead. */
  readonly freshnessSeconds: number | null;
  /** When the newest run that should have been was due; null where nothing is scheduled, or nothing was due yet. */
  readonly expectedRun: string | null;
  /** Seconds since the first run that should have been and was not; 0 where none is missing; null where nothing is scheduled. */
  readonly overdueSeconds: number | null;
  /** Of a view that a stream feeds; absent of others. */
  readonly stream?: StreamState | undefined;
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

/** How far the events of its stream are applied. */
export interface StreamState {
  readonly source: string;
  /** False while it is filled for the first time: lookups are refused meanwhile. */
  readonly isLive: boolean;
  /** True while another generation is filled beside the live one. */
  readonly isFilling: boolean;
  /** Events in the log that are not applied; null where the log cannot be read from here. */
  readonly lagEvents: number | null;
  /** Since the first of them was received. */
  readonly lagSeconds: number | null;
}
