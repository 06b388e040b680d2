// What the processes of one server ask of each other: the *primary*, which has the jobs and starts the others, and the
// *workers*, which listen on one port and answer.
import type { ErrorData } from '../../schemas/errors.ts';
import type { Job } from '../../schemas/wire-types.ts';
import type { Config } from '../config/config.ts';
import type { ExplanationRequest } from '../jobs/explanations.ts';
import type { JobKind } from '../jobs/job.ts';
import type { JobPage } from '../jobs/job-queue.ts';
import type { NewJob } from '../jobs/job-states.ts';
import type { Snapshot } from '../telemetry/telemetry.ts';

export interface WorkerSettings {
  /** As the primary read it, so that all are alike whatever became of the file. */
  readonly config: Config;
  readonly host: string;
  /** Never 0. */
  readonly port: number;
  /** False for one that comes later: it listens once it can answer, because the others answer meanwhile. */
  readonly listensAtOnce: boolean;
}

/** What a worker does when the primary asks. */
export type WorkerFunctions = {
  serve(settings: WorkerSettings): void;
  /** From here on all workers have been ready once, so that /readyz of this one means the whole server. */
  serverIsReady(): void;
  snapshot(): Promise<Snapshot>;
  /** Says so in /readyz, then listens no more and answers what has arrived. Returns when nothing is open. */
  drain(): Promise<void>;
};

/** What the primary does when a worker asks. */
export type PrimaryFunctions = {
  listening(): void;
  /** It answers, or knows that it has to wait and says why. */
  announce(): void;
  ready(): void;
  /** Why it is about to end. */
  failed(error: ErrorData): void;
  /** Every second: it lives, and what it has counted so far. */
  alive(snapshot: Snapshot): void;
  /** Of the whole server, as text. */
  metrics(): Promise<string>;
} & JobFunctions &
  ExplanationFunctions;

/** JobQueue; places are numbers. */
export type JobFunctions = {
  reserve(): number | Promise<number>;
  release(place: number): void;
  create(wanted: NewJob, place: number | null): Promise<Job>;
  get(id: string): Promise<Job>;
  cancel(id: string): Promise<Job>;
  page(kind: JobKind, limit: number, after: string | null): Promise<JobPage>;
  refuseNew(): void;
};

/** Explaining; calls are numbers. */
export type ExplanationFunctions = {
  explain(call: number, request: ExplanationRequest): Promise<string>;
  stopExplaining(call: number): void;
};
