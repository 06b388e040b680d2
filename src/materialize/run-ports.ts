// What the steps of a run share.

import type { Catalog } from '../catalog/catalog.ts';
import type { Compute } from '../offline/compute.ts';
import type { PartReading } from '../offline/part-files.ts';
import type { SourceStatistics } from '../offline/source-statistics.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { ServingState } from '../online/serving-state.ts';
import type { Lease } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { SourceFiles } from '../storage/source-files.ts';
import type { MaterializeProgress } from './run.ts';
import type { RunHistory } from './run-history.ts';
import type { RunRecorder } from './run-recorder.ts';
import type { RunTrace } from './run-trace.ts';

export interface RunPorts {
  readonly store: ObjectStore;
  readonly online: OnlineStore;
  readonly sourceFiles: SourceFiles;
  readonly engine: Compute & PartReading & SourceStatistics;
  readonly signal: AbortSignal;
  /** How long a row stays in the online store after its need is over. */
  readonly graceMicros: bigint;
  /** Of one entry of a continuous aggregate view; absent: 1 MiB. */
  readonly mostEntryBytes?: number;
  /** With the keys that were erased. */
  readonly catalog: Catalog;
  /** Of the view that runs. */
  readonly history: RunHistory;
  readonly lease: Lease;
  readonly record: RunRecorder;
  /** Of the record: phases and log. */
  readonly trace: RunTrace;
  readonly progress: Progress;
  readonly settle: Settle;
}

/** What a state of the view becomes once the generations are held that bound training sets need now, and no others. */
export type Settle = (view: string, state: ServingState) => Promise<ServingState>;

export type Progress = (phase: MaterializeProgress['phase'], rowsDone: number, rowsTotal: number | null) => void;

/** What puts the rows of runs online. */
export interface PublishPorts
  extends Pick<RunPorts, 'online' | 'history' | 'signal' | 'graceMicros' | 'trace' | 'settle'> {
  readonly engine: PartReading;
  readonly catalog: Pick<Catalog, 'entities' | 'erasures'>;
}
