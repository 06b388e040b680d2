// One run of one view: compute the rows at e(T), keep them as Parquet with a manifest, put the same rows online.
//
//   lease ─▶ end dead runs ─▶ finish a pending run ─▶ begin ─▶ compute ─▶ parts ─▶ manifest ─▶ publish ─▶ report
//
// The manifest is the point of no return: before it a killed run leaves nothing that counts, after it the next run
// finishes what it began. One process at a time holds the lease of a view; one that was paused for longer than the lease
// lasts finds the place of its manifest taken.
import { rm } from 'node:fs/promises';
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { isServable } from '../catalog/look-up.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant } from '../instant.ts';
import type { ServingState } from '../online/serving-state.ts';
import { type Lease, type Leases, viewLease } from '../storage/leases/lease.ts';
import { doneByAnother, ViewTaken } from './another-run.ts';
import { computeRun } from './compute-run.ts';
import { targetOf } from './generation.ts';
import { publish, readState } from './publish.ts';
import { finishPending, republish } from './recover.ts';
import type { MaterializeProgress, MaterializeRequest, RunReport } from './run.ts';
import { RunHistory } from './run-history.ts';
import type { Progress, RunPorts } from './run-ports.ts';
import { RunRecorder } from './run-recorder.ts';
import { failedReport, reportOf } from './run-report.ts';
import { isBehindWatermark, untilOf } from './until.ts';

export interface MaterializerOptions extends Omit<RunPorts, 'history' | 'lease' | 'record' | 'trace' | 'progress'> {
  readonly catalog: () => Promise<Catalog>;
  readonly leases: Leases;
  /** For a view that another run works on; default: a minute. */
  readonly waitForOthersMillis?: number;
}

/** What a run of a view is about, from its beginning to its end. */
export interface ViewRun {
  readonly options: MaterializerOptions;
  readonly catalog: Catalog;
  readonly view: FeatureView;
  readonly request: MaterializeRequest;
  /** The report so far. */
  readonly blank: RunReport;
  readonly onProgress: (progress: MaterializeProgress) => void;
  readonly onFailure: (view: string, error: PlumbError) => void;
}

/** Rejects with ViewTaken where another process has the view, and with what is no failure of the view alone. */
export async function runView(run: ViewRun): Promise<RunReport> {
  const { view, blank } = run;
  if (!isServable(view)) {
    return {
      ...blank,
      outcome: 'skipped',
      notice: `${view.name} is a continuous aggregate view: training sets have it, serving it is not supported yet`,
    };
  }
  try {
    return await runAlone(run);
  } catch (error) {
    const done = isBehindWatermark(error) ? await doneByAnother(run) : null;
    return done ?? failed(run, error);
  }
}

/** What is no failure of the view alone is thrown. */
export function failed({ options, view, blank, onFailure }: ViewRun, error: unknown): RunReport {
  if (options.signal.aborted || !(error instanceof PlumbError)) throw error;
  onFailure(view.name, error);
  return failedReport(blank, error);
}

/** An incremental run may find its work done by who has the lease; others want something of their own done. */
async function acquire({ options, view, request }: ViewRun): Promise<Lease> {
  const { leases, signal } = options;
  try {
    return await leases.acquire(viewLease(view.name), { purpose: `materializing ${view.name}`, signal });
  } catch (error) {
    if (request.mode !== 'incremental' || !(error instanceof PlumbError) || error.code !== 'CONFLICT') throw error;
    throw new ViewTaken(error);
  }
}

async function runAlone(run: ViewRun): Promise<RunReport> {
  const { options, view, request, blank } = run;
  const { store, signal } = options;
  await using lease = await acquire(run);
  const history = new RunHistory(store, view.name);
  const record = new RunRecorder({ history, lease, request, blank });
  const ports = { ...options, history, lease, record, trace: record.trace, progress: progressOf(run) };
  try {
    await history.abandonUnfinished();
    return await runOnce({ ...ports, signal: AbortSignal.any([signal, lease.signal]) }, run);
  } catch (error) {
    // What is told of a lost lease is why, not that the work was cancelled for it.
    const cause = lease.signal.aborted && !signal.aborted ? lease.signal.reason : error;
    const report = await record.fail(cause);
    if (isBehindWatermark(cause)) throw cause;
    return failed({ ...run, blank: report }, cause);
  }
}

async function runOnce(ports: RunPorts, run: ViewRun): Promise<RunReport> {
  const { online, record } = ports;
  const { view, request: asked, blank } = run;
  if (asked.mode === 'from_snapshot') return await republish(ports, view, blank);
  const notice = asked.mode === 'incremental' ? await finishPending(ports, view, blank) : null;
  const { state } = await readState(online, view.name);
  const request = { ...asked, untilMicros: untilOf(asked, view, state.live) };
  const until = formatInstant(request.untilMicros);
  const token = await record.begin(state.token, until);
  return await computeAndPublish(ports, { ...run, request, blank: { ...blank, until, notice } }, { state, token });
}

interface Begun {
  /** Of the view, as the run found it. */
  readonly state: ServingState;
  /** The run's own. */
  readonly token: number;
}

async function computeAndPublish(ports: RunPorts, run: ViewRun, begun: Begun): Promise<RunReport> {
  const { catalog, view, request, blank } = run;
  const { state, token } = begun;
  const { live, token: plannedToken } = state;
  const { generation, rebuildCount, continued, why } = targetOf(view, request.mode, state);
  ports.trace.log(`${request.mode} run as of ${blank.until}, ${why}`);
  const { progress } = ports;
  const folder = await ports.store.workFolder();
  try {
    const context = { ...ports, folder, catalog, view, request, token, generation };
    const { manifest, notice } = await computeRun({
      ...context,
      ...{ startedAt: blank.startedAt, live: continued, basedOn: live?.run ?? null },
    });
    const total = manifest.rows + manifest.tombstones;
    const claim = { basedOn: live, plannedToken, token: BigInt(token) };
    await publish(ports, { view, manifest, generation, rebuildCount, ...claim }, (rows) =>
      progress('writing', rows, total),
    );
    progress('publishing', total, total);
    const notices = [blank.notice, notice].filter((one) => one !== null);
    const report = reportOf(blank, manifest, notices.length === 0 ? null : notices.join('; '));
    await ports.record.succeed(report);
    failpoint('materialize.reported');
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const progressOf =
  ({ view, onProgress }: ViewRun): Progress =>
  (phase, rowsDone, rowsTotal) =>
    onProgress({ view: view.name, phase, rowsDone, rowsTotal });
