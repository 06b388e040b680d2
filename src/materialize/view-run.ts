// One run of one view: compute the rows at e(T), keep them as Parquet with a manifest, put the same rows online.
//
//   lease ─▶ end dead runs ─▶ finish a pending run ─▶ begin ─▶ compute ─▶ parts ─▶ manifest ─▶ publish ─▶ report
//
// The manifest is the point of no return: before it a killed run leaves nothing that counts, after it the next run
// finishes what it began. One process at a time holds the lease of a view; one that was paused for longer than the lease
// lasts finds the place of its manifest taken.
import { rm } from 'node:fs/promises';
import { type ErrorCode, PlumbError } from '../../schemas/errors.ts';
import type { Catalog, ServableView } from '../catalog/catalog.ts';
import type { Erasure } from '../catalog/erasure.ts';
import { failpoint } from '../failpoint.ts';
import type { EventLog } from '../ingest/event-log.ts';
import { formatInstant } from '../instant.ts';
import type { ServingState } from '../online/serving-state.ts';
import { type Lease, type Leases, viewLease } from '../storage/leases/lease.ts';
import { whileHeld } from '../storage/leases/while-held.ts';
import { doneByAnother, ViewTaken } from './another-run.ts';
import { settle } from './bound/bound-generations.ts';
import { computeRun } from './compute-run.ts';
import { formerOf, placeOf, targetOf } from './generation.ts';
import { publish, readState } from './publish.ts';
import { finishPending, republish } from './recover.ts';
import type { MaterializeProgress, MaterializeRequest, RunReport } from './run.ts';
import { RunHistory } from './run-history.ts';
import type { Progress, RunPorts, Settle } from './run-ports.ts';
import { RunRecorder } from './run-recorder.ts';
import { failedReport, reportOf } from './run-report.ts';
import { isBehindWatermark, untilOf } from './until.ts';

export interface MaterializerOptions
  extends Omit<RunPorts, 'catalog' | 'history' | 'lease' | 'record' | 'trace' | 'progress' | 'settle'> {
  readonly catalog: () => Promise<Catalog>;
  /** A registered version, for what bound training sets need. */
  readonly version: (version: number) => Promise<Catalog>;
  readonly leases: Leases;
  /** Of the storage, as they are now. */
  readonly erasures: () => Promise<readonly Erasure[]>;
  /** For the status of views that streams feed. */
  readonly log?: () => Promise<EventLog>;
  /** For a view that another run works on; default: a minute. */
  readonly waitForOthersMillis?: number;
}

/** What a run of a view is about, from its beginning to its end. */
export interface ViewRun {
  readonly options: MaterializerOptions;
  /** By which it computes, and its view there. */
  readonly catalog: Catalog;
  readonly view: ServableView;
  /** Training sets that need the generation of a former definition; none: it is the present one. */
  readonly boundTo: readonly string[];
  readonly request: MaterializeRequest;
  /** The report so far. */
  readonly blank: RunReport;
  readonly onProgress: (progress: MaterializeProgress) => void;
  readonly onFailure: (view: string, error: PlumbError) => void;
}

/** Rejects with ViewTaken where another process has the view, and with what is no failure of the view alone. */
export async function runView(run: ViewRun): Promise<RunReport> {
  try {
    return await runAlone(run);
  } catch (error) {
    const done = isBehindWatermark(error) ? await doneByAnother(run) : null;
    return done ?? failed(run, error);
  }
}

/** What is no failure of the view alone is thrown. `report`: as it is recorded; absent where nothing is. */
export function failed(run: ViewRun, error: unknown, report?: RunReport): RunReport {
  const { options, view, blank, onFailure } = run;
  if (options.signal.aborted || !(error instanceof PlumbError)) throw error;
  onFailure(view.name, error);
  return report ?? failedReport(blank, error);
}

/** Who reads of the failure of a definition that is no more is told why it is run at all. */
function explained(error: unknown, { view, boundTo }: ViewRun): unknown {
  const isOurs = boundTo.length > 0 && error instanceof PlumbError && !NOT_OF_DEFINITIONS.includes(error.code);
  if (!isOurs) return error;
  const why = `; this run was of the former definition of ${view.name} that ${boundTo.join(', ')} ${boundTo.length === 1 ? 'is' : 'are'} bound to: bring back what it reads, or run \`plumb dataset retire ${boundTo[0]}\` where nothing asks for it any more`;
  const { code, details, cause } = error;
  const told = { details: { ...details, boundTo }, publicMessage: `${error.publicMessage}${why}` };
  return new PlumbError(code, `${error.message}${why}`, { ...told, cause });
}

const NOT_OF_DEFINITIONS: readonly ErrorCode[] = [
  'BEHIND_WATERMARK',
  'CANCELLED',
  'CONFLICT',
  'STORAGE_UNAVAILABLE',
  'STORE_UNAVAILABLE',
  'RESOURCE_EXHAUSTED',
];

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

async function runAlone(asked: ViewRun): Promise<RunReport> {
  const { options, view, request, blank } = asked;
  const { store, signal } = options;
  await using lease = await acquire(asked);
  // Under the lease: whoever erases waits for it, and what is recorded later does so too.
  const run = { ...asked, catalog: { ...asked.catalog, erasures: await options.erasures() } };
  const history = new RunHistory(store, view.name);
  const record = new RunRecorder({ history, lease, request, blank });
  const { catalog } = run;
  const progress = progressOf(run);
  const settling: Settle = (name, state) => settle(options, name, state);
  const own = { catalog, history, lease, record, trace: record.trace, progress, settle: settling };
  const ports = { ...options, ...own };
  try {
    return await whileHeld([lease], signal, async (held) => {
      await history.abandonUnfinished();
      return await runOnce({ ...ports, signal: held.signal }, run);
    });
  } catch (error) {
    const cause = explained(error, run);
    const report = await record.fail(cause);
    if (isBehindWatermark(cause)) throw cause;
    return failed(run, cause, report);
  }
}

async function runOnce(ports: RunPorts, run: ViewRun): Promise<RunReport> {
  const { online, record } = ports;
  const { view, request: asked, blank } = run;
  const place = placeOf(run);
  if (asked.mode === 'from_snapshot') return await republish(ports, { view, place }, blank);
  const notice = asked.mode === 'incremental' ? await finishPending(ports, { view, place }, blank) : null;
  const { state } = await readState(online, view.name);
  const request = { ...asked, untilMicros: untilOf(asked, view, formerOf(state, view, place)) };
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
  const { catalog, view, request, blank, boundTo } = run;
  const { state, token } = begun;
  const place = placeOf(run);
  const live = formerOf(state, view, place);
  const standing = { ...state, live };
  const { generation, rebuildCount, continued, why } = targetOf(view, request.mode, standing, boundTo);
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
    const claim = { basedOn: live, plannedToken: state.token, token: BigInt(token) };
    await publish(ports, { view, place, manifest, generation, rebuildCount, ...claim }, (rows) =>
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
