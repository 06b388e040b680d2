// The materializer: view by view, compute the rows at e(T), keep them as Parquet with a manifest, put the same rows online.
//
//   lease ─▶ end dead runs ─▶ finish a pending run ─▶ begin ─▶ compute ─▶ parts ─▶ manifest ─▶ publish ─▶ report
//
// The manifest is the point of no return: before it a killed run leaves nothing that counts, after it the next run
// finishes what it began. One process at a time holds the lease of a view; one that was paused for longer than the lease
// lasts finds the place of its manifest taken.
import { rm } from 'node:fs/promises';
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { requireView } from '../catalog/look-up.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { Generation, ServingState } from '../online/serving-state.ts';
import { type Leases, viewLease } from '../storage/leases/lease.ts';
import { doneByAnother, ViewTaken, WAIT_FOR_OTHERS_MILLIS, whenFree } from './another-run.ts';
import { computeRun } from './compute-run.ts';
import { generationId } from './generation.ts';
import { publish, readState } from './publish.ts';
import { finishPending, republish } from './recover.ts';
import type { MaterializeProgress, MaterializeRequest, Materializer, RunReport } from './run.ts';
import { RunHistory } from './run-history.ts';
import type { Progress, RunPorts } from './run-ports.ts';
import { emptyReport, failedReport, reportOf } from './run-report.ts';
import { status } from './status.ts';

export interface MaterializerOptions extends Omit<RunPorts, 'history' | 'lease'> {
  readonly catalog: () => Promise<Catalog>;
  readonly leases: Leases;
  /** For a view that another run works on; default: a minute. */
  readonly waitForOthersMillis?: number;
}

type OnProgress = (progress: MaterializeProgress) => void;
type OnFailure = (view: string, error: PlumbError) => void;

export function createMaterializer(options: MaterializerOptions): Materializer {
  return {
    materialize: (request, onProgress = () => {}, onFailure = () => {}) =>
      materialize(options, request, onProgress, onFailure),
    status: ({ everything = false } = {}) => status(options, everything),
  };
}

async function materialize(
  options: MaterializerOptions,
  request: MaterializeRequest,
  onProgress: OnProgress,
  onFailure: OnFailure,
): Promise<readonly RunReport[]> {
  const catalog = await options.catalog();
  const views =
    request.views === null
      ? [...catalog.views.values()]
      : [...new Set(request.views)].map((name) => requireView(catalog, name));
  const behind = await behindWatermark(options, request, views);
  const run = async (view: FeatureView): Promise<RunReport> => {
    const refusal = behind.get(view.name);
    if (refusal === undefined) return await runView(options, catalog, view, request, onProgress, onFailure);
    return failed(options, view, emptyReport(view, request, formatInstant(nowMicros())), refusal, onFailure);
  };
  const reports = new Map<string, RunReport>();
  for (const view of views) {
    const report = await run(view).catch(nullWhereTaken);
    if (report !== null) reports.set(view.name, report);
  }
  // Those that another run works on come last: by then it may have taken them as far as they are wanted.
  for (const view of views.filter(({ name }) => !reports.has(name)))
    reports.set(view.name, await runAfterAnother(options, view, request, () => run(view), onFailure));
  return views.map(({ name }) => reports.get(name) as RunReport);
}

function nullWhereTaken(error: unknown): null {
  if (error instanceof ViewTaken) return null;
  throw error;
}

async function runAfterAnother(
  options: MaterializerOptions,
  view: FeatureView,
  request: MaterializeRequest,
  run: () => Promise<RunReport>,
  onFailure: OnFailure,
): Promise<RunReport> {
  const blank = emptyReport(view, request, formatInstant(nowMicros()));
  const { signal, waitForOthersMillis: waitMillis = WAIT_FOR_OTHERS_MILLIS } = options;
  const attempt = async () => (await doneByAnother(options, view, request, blank)) ?? (await run());
  try {
    return await whenFree(attempt, { waitMillis, signal });
  } catch (error) {
    return failed(options, view, blank, error, onFailure);
  }
}

const isUnsupported = (view: FeatureView): boolean => view.kind === 'aggregate' && view.refresh === null;

/** Known before anything is done: each view that has gone further, with its error. Where all have, that is the request's. */
async function behindWatermark(
  { online }: MaterializerOptions,
  request: MaterializeRequest,
  views: readonly FeatureView[],
): Promise<ReadonlyMap<string, PlumbError>> {
  const behind = new Map<string, PlumbError>();
  if (request.mode !== 'incremental') return behind;
  for (const view of views) {
    try {
      untilOf(request, view, (await readState(online, view.name)).state.live);
    } catch (error) {
      if (!isBehindWatermark(error)) throw error;
      behind.set(view.name, error);
    }
  }
  const [first] = behind.values();
  if (first !== undefined && behind.size === views.length) throw first;
  return behind;
}

const isBehindWatermark = (error: unknown): error is PlumbError =>
  error instanceof PlumbError && error.code === 'BEHIND_WATERMARK';

/** As of when a run computes. BEHIND_WATERMARK where the view has gone further. */
function untilOf({ mode, untilMicros, isUntilNow }: MaterializeRequest, view: FeatureView, live: Generation | null) {
  if (live?.fingerprint !== view.fingerprint || untilMicros >= live.watermarkMicros) return untilMicros;
  const now = nowMicros();
  if (isUntilNow && now >= live.watermarkMicros) return now;
  if (mode !== 'incremental') return untilMicros;
  const watermark = formatInstant(live.watermarkMicros);
  throw new PlumbError(
    'BEHIND_WATERMARK',
    `until ${formatInstant(untilMicros)} lies before the watermark of ${view.name}, ${watermark}; use a later instant, or a full run (--full, over HTTP "mode": "full") to build ${view.name} anew`,
    { details: { view: view.name, watermark } },
  );
}

async function runView(
  options: MaterializerOptions,
  catalog: Catalog,
  view: FeatureView,
  request: MaterializeRequest,
  onProgress: OnProgress,
  onFailure: OnFailure,
): Promise<RunReport> {
  const startedAt = formatInstant(nowMicros());
  const blank = emptyReport(view, request, startedAt);
  if (isUnsupported(view)) {
    return {
      ...blank,
      outcome: 'skipped',
      notice: `${view.name} is a continuous aggregate view: training sets have it, serving it is not supported yet`,
    };
  }
  try {
    return await runAlone(options, catalog, view, request, blank, onProgress);
  } catch (error) {
    const done = isBehindWatermark(error) ? await doneByAnother(options, view, request, blank) : null;
    return done ?? failed(options, view, blank, error, onFailure);
  }
}

/** What is no failure of the view alone is thrown. */
function failed(
  { signal }: MaterializerOptions,
  view: FeatureView,
  blank: RunReport,
  error: unknown,
  onFailure: OnFailure,
): RunReport {
  if (signal.aborted || !(error instanceof PlumbError)) throw error;
  onFailure(view.name, error);
  return { ...blank, notice: error.message, finishedAt: formatInstant(nowMicros()) };
}

/** An incremental run may find its work done by who has the lease; others want something of their own done. */
async function acquire({ leases, signal }: MaterializerOptions, view: FeatureView, mode: MaterializeRequest['mode']) {
  try {
    return await leases.acquire(viewLease(view.name), { purpose: `materializing ${view.name}`, signal });
  } catch (error) {
    if (mode !== 'incremental' || !(error instanceof PlumbError) || error.code !== 'CONFLICT') throw error;
    throw new ViewTaken(error);
  }
}

async function runAlone(
  options: MaterializerOptions,
  catalog: Catalog,
  view: FeatureView,
  request: MaterializeRequest,
  blank: RunReport,
  onProgress: OnProgress,
): Promise<RunReport> {
  const { signal } = options;
  await using lease = await acquire(options, view, request.mode);
  const history = new RunHistory(options.store, view.name);
  const ports = { ...options, history, lease, signal: AbortSignal.any([signal, lease.signal]) };
  try {
    await history.abandonUnfinished();
    return await runOnce(ports, catalog, view, request, blank, progressOf(view.name, onProgress));
  } catch (error) {
    // What is told of a lost lease is why, not that the work was cancelled for it.
    if (!signal.aborted) lease.signal.throwIfAborted();
    throw error;
  }
}

async function runOnce(
  ports: RunPorts,
  catalog: Catalog,
  view: FeatureView,
  asked: MaterializeRequest,
  untold: RunReport,
  progress: Progress,
): Promise<RunReport> {
  const { history, online } = ports;
  if (asked.mode === 'from_snapshot') return await republish(ports, view, untold, progress);
  const finished = asked.mode === 'incremental' ? await finishPending(ports, view, untold, progress) : null;
  const { state } = await readState(online, view.name);
  const request = { ...asked, untilMicros: untilOf(asked, view, state.live) };
  const blank = { ...untold, until: formatInstant(request.untilMicros) };
  const token = await history.begin(blank.startedAt, state.token);
  try {
    return await computeAndPublish(
      ports,
      catalog,
      view,
      request,
      state,
      token,
      { ...blank, notice: finished },
      progress,
    );
  } catch (error) {
    if (error instanceof PlumbError)
      await history.writeReport(failedReport(blank, token, error)).catch(() => undefined);
    throw error;
  }
}

async function computeAndPublish(
  ports: RunPorts,
  catalog: Catalog,
  view: FeatureView,
  request: MaterializeRequest,
  { live, token: plannedToken, rebuildCount: rebuilds }: ServingState,
  token: number,
  blank: RunReport,
  progress: Progress,
): Promise<RunReport> {
  const continued = request.mode === 'incremental' && live?.fingerprint === view.fingerprint ? live : null;
  // A token without a live generation is of a run that died: what it began to fill is not touched again.
  const isFirst = live === null && plannedToken === 0n;
  const rebuildCount = continued !== null || isFirst ? rebuilds : rebuilds + 1;
  const generation = continued?.id ?? generationId(view, rebuildCount);
  const folder = await ports.store.workFolder();
  try {
    const context = {
      ...ports,
      folder,
      catalog,
      view,
      request,
      token,
      generation,
      progress,
      startedAt: blank.startedAt,
    };
    const computed = await computeRun({ ...context, live: continued, basedOn: live?.run ?? null });
    const { manifest } = computed;
    const total = manifest.rows + manifest.tombstones;
    const claim = { basedOn: live, plannedToken, token: BigInt(token) };
    await publish(ports, { view, manifest, generation, rebuildCount, ...claim }, (rows) =>
      progress('writing', rows, total),
    );
    progress('publishing', total, total);
    const notices = [blank.notice, computed.notice].filter((notice) => notice !== null);
    const report = reportOf(blank, manifest, notices.length === 0 ? null : notices.join('; '));
    await ports.history.writeReport(report);
    failpoint('materialize.reported');
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const progressOf =
  (view: string, onProgress: OnProgress): Progress =>
  (phase, rowsDone, rowsTotal) =>
    onProgress({ view, phase, rowsDone, rowsTotal });
