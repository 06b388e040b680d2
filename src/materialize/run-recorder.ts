// The record of a run, kept by the process that does it: begun, on its way, ended.
import { PlumbError } from '../../schemas/errors.ts';
import { runFolderName } from '../offline/manifest-run.ts';
import type { Lease } from '../storage/leases/lease.ts';
import { KeptTrace } from './kept-trace.ts';
import type { MaterializeRequest, RunReport } from './run.ts';
import type { RunHistory } from './run-history.ts';
import { failedReport } from './run-report.ts';
import { RunTrace } from './run-trace.ts';

export interface RecordedRun {
  readonly history: RunHistory;
  readonly lease: Lease;
  readonly request: Pick<MaterializeRequest, 'mode' | 'job'>;
  /** The report so far. */
  readonly blank: RunReport;
}

/** Refused before anything was done, or called off: no failure of a run. */
const NO_RUN: readonly string[] = ['BEHIND_WATERMARK', 'NOT_MATERIALIZED', 'CANCELLED'];

export class RunRecorder {
  readonly trace = new RunTrace();
  readonly #run: RecordedRun;
  #kept: KeptTrace | null = null;
  #blank: RunReport;

  constructor(run: RecordedRun) {
    this.#run = run;
    this.#blank = run.blank;
  }

  /** Claims the next number, which is also the run's token; from here on others see the run. */
  async begin(atLeast: bigint, until: string): Promise<number> {
    const { history, lease, request } = this.#run;
    const { mode, job = null } = request;
    const started = { startedAt: this.#blank.startedAt, mode, job, until, lease: lease.token };
    const token = await history.begin(started, atLeast);
    this.#blank = { ...this.#blank, until, run: runFolderName(token) };
    const { run } = this.#blank;
    this.#kept = new KeptTrace(this.trace, (trace) => history.writeTrace(run, trace));
    return token;
  }

  async succeed(report: RunReport): Promise<void> {
    await this.#kept?.close();
    await this.#run.history.writeReport(report);
  }

  /** Returns the report of the failure. What the storage does not take is not recorded, and no failure of its own. */
  async fail(error: unknown): Promise<RunReport> {
    const isRun = await this.#isRun(error).catch(() => false);
    const report = failedReport(this.#blank, error);
    if (isRun) await this.#record(report).catch(() => undefined);
    return report;
  }

  /** One that failed before it began is begun for its record. */
  async #isRun(error: unknown): Promise<boolean> {
    if (this.#kept !== null) return true;
    if (this.#run.lease.signal.aborted || (error instanceof PlumbError && NO_RUN.includes(error.code))) return false;
    await this.begin(0n, this.#blank.until);
    return true;
  }

  async #record(report: RunReport): Promise<void> {
    this.trace.log(report.error?.message ?? '', 'error');
    await this.#kept?.close();
    await this.#run.history.writeReport(report);
  }
}
