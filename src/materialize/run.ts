// The public shapes of a materialization: what is asked, what is reported. Plain data.

import type { PlumbError } from '../../schemas/errors.ts';
import type { MaterializationMode, MaterializationRun, StreamState } from '../../schemas/wire-types.ts';
import type { ServableView } from '../catalog/catalog.ts';
import type { LeaseHolder } from '../storage/leases/lease.ts';
import type { WantedViews } from './wanted-views.ts';

export interface MaterializeRequest extends WantedViews {
  readonly untilMicros: bigint;
  /** It is the instant of the request because nobody named one: a view that another run took further meanwhile follows. */
  readonly isUntilNow: boolean;
  readonly mode: MaterializationMode;
  /** Only the generations of former definitions that bound training sets need. */
  readonly isOfFormer?: true;
  /** A rebuild of a view that a stream feeds is asked for and not waited for. */
  readonly isDetached?: boolean;
  /** The job on whose behalf; absent: a command. */
  readonly job?: string;
}

export interface MaterializeProgress {
  readonly view: string;
  readonly phase: 'computing' | 'writing' | 'publishing';
  readonly rowsDone: number;
  /** null while unknown. */
  readonly rowsTotal: number | null;
}

/** One run of one view, as kept in the run history, shown by `plumb status` and sent over HTTP. */
export type RunReport = MaterializationRun;

export interface ViewStatus {
  readonly view: string;
  /** Of the generation of a former definition: the bound training sets that need it. Absent: of the present one. */
  readonly boundTo?: readonly string[];
  /** By which runs of it are due: its definition, and when that was registered, where that is known. */
  readonly timed: Pick<ServableView, 'refresh' | 'schedule' | 'online'> & { readonly sinceMicros?: bigint | undefined };
  readonly kind: 'row' | 'aggregate';
  /** False: in training sets only. */
  readonly online: boolean;
  readonly watermark: string | null;
  /** Of a view that a stream feeds. */
  readonly stream?: StreamState;
  readonly generation: string | null;
  /** True where the definition changed since the live generation was filled. */
  readonly changed: boolean;
  /** True where runs of the view succeeded, but the store has nothing of it: it was emptied, or is another one than then. */
  readonly emptied: boolean;
  /** A run that wrote its manifest but did not finish publishing; the next run completes it. */
  readonly pendingRun: string | null;
  /** Who runs it now; a machine that died may be named for a while. */
  readonly runningBy: LeaseHolder | null;
  readonly lastRuns: readonly RunReport[];
  /** Source files that changed, or went, where incremental runs do not look, and what to do; null where there are none. */
  readonly unread: string | null;
  /** Stored objects of the view that cannot be read: what is wrong with each, and what to do. */
  readonly damaged: readonly string[];
}

export interface Materializer {
  /** Runs view by view; a failed view is reported and the others go on. `onFailure` is told its error in full. */
  materialize(
    request: MaterializeRequest,
    onProgress?: (progress: MaterializeProgress) => void,
    onFailure?: (view: string, error: PlumbError) => void,
  ): Promise<readonly RunReport[]>;
  /** `everything`: also each run that the live one builds on is looked at. */
  status(options?: { readonly everything?: boolean }): Promise<readonly ViewStatus[]>;
}
