// What the steps of a run share.

import type { Compute } from '../offline/compute.ts';
import type { PartReading } from '../offline/part-files.ts';
import type { SourceStatistics } from '../offline/source-statistics.ts';
import type { OnlineStore } from '../online/online-store.ts';
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
  /** Of the view that runs. */
  readonly history: RunHistory;
  readonly lease: Lease;
  readonly record: RunRecorder;
  /** Of the record: phases and log. */
  readonly trace: RunTrace;
  readonly progress: Progress;
}

export type Progress = (phase: MaterializeProgress['phase'], rowsDone: number, rowsTotal: number | null) => void;

/** What puts the rows of runs online. */
export interface PublishPorts extends Pick<RunPorts, 'online' | 'history' | 'signal' | 'graceMicros' | 'trace'> {
  readonly engine: PartReading;
}
