// The materializer: view by view, compute the rows at e(T), keep them as Parquet with a manifest, put the same rows online.
//
//   begin ─▶ finish a pending run ─▶ compute ─▶ parts ─▶ manifest ─▶ publish ─▶ report
//
// The manifest is the point of no return: before it a killed run leaves nothing that counts, after it the next run
// finishes what it began.
import { rm } from 'node:fs/promises';
import { PlumbError } from '../../schemas/errors.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { Engine } from '../offline/engine.ts';
import { type RunManifest, runFolderName } from '../offline/manifest-run.ts';
import type { ObjectStore } from '../offline/object-store.ts';
import type { SourceFiles } from '../offline/source-files.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { Generation, ServingState } from '../online/serving-state.ts';
import { requireView } from '../plan/plan-training-set.ts';
import type { Catalog, FeatureView } from '../registry/catalog.ts';
import { computeRun } from './compute-run.ts';
import { generationId, rebuildCountOf } from './generation.ts';
import { publish, readState } from './publish.ts';
import type { MaterializeProgress, MaterializeRequest, Materializer, RunReport, ViewStatus } from './run.ts';
import { RunHistory } from './run-history.ts';
import { emptyReport, failedReport, reportOf } from './run-report.ts';

export interface MaterializerOptions {
  readonly catalog: () => Promise<Catalog>;
  readonly store: ObjectStore;
  readonly online: OnlineStore;
  readonly sourceFiles: SourceFiles;
  readonly engine: Engine;
  readonly signal: AbortSignal;
}

type OnProgress = (progress: MaterializeProgress) => void;

export function createMaterializer(options: MaterializerOptions): Materializer {
  return {
    materialize: (request, onProgress = () => {}) => materialize(options, request, onProgress),
    status: () => status(options),
  };
}

async function materialize(
  options: MaterializerOptions,
  request: MaterializeRequest,
  onProgress: OnProgress,
): Promise<readonly RunReport[]> {
  const catalog = await options.catalog();
  const views =
    request.views === null
      ? [...catalog.views.values()]
      : [...new Set(request.views)].map((name) => requireView(catalog, name));
  await refuseBehindWatermark(options, request, views);
  const reports: RunReport[] = [];
  for (const view of views) reports.push(await runView(options, catalog, view, request, onProgress));
  return reports;
}

const isUnsupported = (view: FeatureView): boolean => view.kind === 'aggregate' && view.refresh === null;

/** Checked for all views before anything is done. */
async function refuseBehindWatermark(
  { online }: MaterializerOptions,
  request: MaterializeRequest,
  views: readonly FeatureView[],
): Promise<void> {
  if (request.mode !== 'incremental') return;
  for (const view of views)
    requireNotBehind(view, (await readState(online, view.name)).state.live, request.untilMicros);
}

function requireNotBehind(view: FeatureView, live: Generation | null, untilMicros: bigint): void {
  if (live === null || live.fingerprint !== view.fingerprint || untilMicros >= live.watermarkMicros) return;
  const watermark = formatInstant(live.watermarkMicros);
  throw new PlumbError(
    'BEHIND_WATERMARK',
    `--until ${formatInstant(untilMicros)} lies before the watermark of ${view.name}, ${watermark}; use a later instant, or --full to build ${view.name} anew`,
    { details: { view: view.name, watermark } },
  );
}

async function runView(
  options: MaterializerOptions,
  catalog: Catalog,
  view: FeatureView,
  request: MaterializeRequest,
  onProgress: OnProgress,
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
  const history = new RunHistory(options.store, view.name);
  try {
    return await runOnce(options, catalog, view, request, history, blank, onProgress);
  } catch (error) {
    if (options.signal.aborted || !(error instanceof PlumbError)) throw error;
    return { ...blank, notice: error.message, finishedAt: formatInstant(nowMicros()) };
  }
}

async function runOnce(
  options: MaterializerOptions,
  catalog: Catalog,
  view: FeatureView,
  request: MaterializeRequest,
  history: RunHistory,
  blank: RunReport,
  onProgress: OnProgress,
): Promise<RunReport> {
  const ports = { ...options, history };
  const progress = progressOf(view.name, onProgress);
  if (request.mode === 'from_snapshot') return await republish(ports, view, blank, progress);
  if (request.mode === 'incremental') await finishPending(ports, view, progress);
  const { state } = await readState(options.online, view.name);
  if (request.mode === 'incremental') requireNotBehind(view, state.live, request.untilMicros);
  const token = await history.begin(blank.startedAt, state.token);
  try {
    return await computeAndPublish(ports, catalog, view, request, state, token, blank, progress);
  } catch (error) {
    if (error instanceof PlumbError)
      await history.writeReport(failedReport(blank, token, error)).catch(() => undefined);
    throw error;
  }
}

async function computeAndPublish(
  ports: Ports,
  catalog: Catalog,
  view: FeatureView,
  request: MaterializeRequest,
  { live, rebuildCount: rebuilds }: ServingState,
  token: number,
  blank: RunReport,
  progress: Progress,
): Promise<RunReport> {
  const continued = request.mode === 'incremental' && live?.fingerprint === view.fingerprint ? live : null;
  const rebuildCount = continued !== null || live === null ? rebuilds : rebuilds + 1;
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
    const publication = { view, manifest, generation, rebuildCount, basedOn: live, token: BigInt(token) };
    await publish(ports, publication, (rows) => progress('writing', rows, total));
    progress('publishing', total, total);
    const report = reportOf(blank, manifest, computed.notice);
    await ports.history.writeReport(report);
    failpoint('materialize.reported');
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Progress = (phase: MaterializeProgress['phase'], rowsDone: number, rowsTotal: number | null) => void;

const progressOf =
  (view: string, onProgress: OnProgress): Progress =>
  (phase, rowsDone, rowsTotal) =>
    onProgress({ view, phase, rowsDone, rowsTotal });

type Ports = MaterializerOptions & { readonly history: RunHistory };

/**
 * A run that wrote its manifest but is not what lookups read: it was cut off, or the store was emptied. One that was
 * overtaken (another run took the place of what it was based on) never counts.
 */
async function pendingRun({ online, history }: Ports, view: FeatureView) {
  const manifest = await history.newestManifest(view.fingerprint);
  if (manifest === null) return null;
  const { state } = await readState(online, view.name);
  return state.live === null || manifest.basedOn === state.live.run ? { manifest, state } : null;
}

async function finishPending(ports: Ports, view: FeatureView, progress: Progress): Promise<void> {
  const pending = await pendingRun(ports, view);
  if (pending === null) return;
  const { manifest, state } = pending;
  const continues = state.live !== null && manifest.chain.includes(state.live.run);
  const generation = continues && state.live !== null ? state.live.id : manifest.generation;
  const rebuildCount = Math.max(state.rebuildCount, rebuildCountOf(generation));
  const publication = {
    view,
    manifest,
    generation,
    rebuildCount,
    basedOn: state.live,
    token: tokenFor(manifest, state),
  };
  await publish(ports, publication, (rows) => progress('writing', rows, null));
}

const tokenFor = ({ token }: RunManifest, state: ServingState): bigint =>
  BigInt(token) > state.token ? BigInt(token) : state.token;

/** Loads the chain of the live run, or of the newest one, into a new generation; nothing is computed. */
async function republish(ports: Ports, view: FeatureView, blank: RunReport, progress: Progress): Promise<RunReport> {
  const { state } = await readState(ports.online, view.name);
  const isLive = state.live?.fingerprint === view.fingerprint;
  const manifest = isLive
    ? await ports.history.manifest(state.live.run)
    : await ports.history.newestManifest(view.fingerprint);
  if (manifest === null) {
    throw new PlumbError(
      'NOT_MATERIALIZED',
      `${view.name} has no snapshot of its present definition; run plumb materialize ${view.name}`,
    );
  }
  const token = await ports.history.begin(blank.startedAt, tokenFor(manifest, state));
  const rebuildCount = Math.max(state.rebuildCount, rebuildCountOf(manifest.generation)) + 1;
  let rows = 0;
  const generation = generationId(view, rebuildCount);
  const publication = { view, manifest, generation, rebuildCount, basedOn: state.live, token: BigInt(token) };
  await publish(ports, publication, (done) => {
    rows = done;
    progress('writing', done, null);
  });
  const report: RunReport = {
    ...reportOf(blank, manifest, null),
    run: runFolderName(token),
    mode: 'from_snapshot',
    generation,
    rowsScanned: 0,
    rowsWritten: rows,
    tombstonesWritten: 0,
  };
  await ports.history.writeReport(report);
  return report;
}

async function status(options: MaterializerOptions): Promise<readonly ViewStatus[]> {
  const catalog = await options.catalog();
  return await Promise.all([...catalog.views.values()].map((view) => viewStatus(options, view)));
}

async function viewStatus(options: MaterializerOptions, view: FeatureView): Promise<ViewStatus> {
  const history = new RunHistory(options.store, view.name);
  const { live } = (await readState(options.online, view.name)).state;
  const pending = await pendingRun({ ...options, history }, view);
  return {
    view: view.name,
    kind: view.kind,
    watermark: live === null ? null : formatInstant(live.watermarkMicros),
    generation: live?.id ?? null,
    changed: live !== null && live.fingerprint !== view.fingerprint,
    pendingRun: pending?.manifest.run ?? null,
    lastRuns: await history.lastReports(10),
  };
}
