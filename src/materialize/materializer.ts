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
import type { ObjectStore } from '../offline/object-store.ts';
import type { SourceFiles } from '../offline/source-files.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { requireView } from '../plan/plan-training-set.ts';
import type { Catalog, FeatureView } from '../registry/catalog.ts';
import { computeRun } from './compute-run.ts';
import { generationId } from './generation.ts';
import { publish, readState } from './publish.ts';
import type { MaterializeProgress, MaterializeRequest, Materializer, RunReport, ViewStatus } from './run.ts';
import { RunHistory } from './run-history.ts';
import { emptyReport, reportOf } from './run-report.ts';

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
  for (const view of views) {
    const { live } = (await readState(online, view.name)).state;
    if (live === null || live.fingerprint !== view.fingerprint || request.untilMicros >= live.watermarkMicros) continue;
    throw new PlumbError(
      'BEHIND_WATERMARK',
      `--until ${formatInstant(request.untilMicros)} lies before the watermark of ${view.name}, ${formatInstant(live.watermarkMicros)}; use a later instant, or --full to build ${view.name} anew`,
      { details: { view: view.name, watermark: formatInstant(live.watermarkMicros) } },
    );
  }
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
  const continues = request.mode === 'incremental' && state.live?.fingerprint === view.fingerprint;
  const rebuildCount = continues || state.live === null ? state.rebuildCount : state.rebuildCount + 1;
  const generation = continues && state.live !== null ? state.live.id : generationId(view, rebuildCount);
  const token = await history.begin(blank.startedAt, state.token);
  const folder = await options.store.workFolder();
  try {
    const computed = await computeRun({
      ...ports,
      folder,
      catalog,
      view,
      request,
      token,
      generation,
      live: continues ? state.live : null,
      startedAt: blank.startedAt,
      progress,
    });
    progress('writing', 0, computed.manifest.rows + computed.manifest.tombstones);
    const written = (rows: number): void =>
      progress('writing', rows, computed.manifest.rows + computed.manifest.tombstones);
    await publish(
      ports,
      { view, manifest: computed.manifest, generation, rebuildCount, token: BigInt(token) },
      written,
    );
    progress('publishing', computed.manifest.rows, computed.manifest.rows);
    const report = reportOf(blank, computed.manifest, computed.notice);
    await history.writeReport(report);
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

/** A run that wrote its manifest but is not what lookups read: it was cut off, or the store was emptied. */
async function pendingRun({ online, history }: Ports, view: FeatureView) {
  const manifest = await history.newestManifest(view.fingerprint);
  if (manifest === null) return null;
  const { state } = await readState(online, view.name);
  const isLive = state.live?.fingerprint === view.fingerprint && state.live.run >= manifest.run;
  return isLive ? null : { manifest, state };
}

async function finishPending(ports: Ports, view: FeatureView, progress: Progress): Promise<void> {
  const pending = await pendingRun(ports, view);
  if (pending === null) return;
  const { manifest, state } = pending;
  const continues = state.live?.fingerprint === view.fingerprint;
  const rebuildCount = continues || state.live === null ? state.rebuildCount : state.rebuildCount + 1;
  const generation =
    manifest.chain.includes(state.live?.run ?? '') && state.live !== null ? state.live.id : manifest.generation;
  const token = BigInt(manifest.token) > state.token ? BigInt(manifest.token) : state.token;
  await publish(ports, { view, manifest, generation, rebuildCount, token }, (rows) => progress('writing', rows, null));
}

/** Loads the newest snapshot's chain into a new generation; nothing is computed. */
async function republish(ports: Ports, view: FeatureView, blank: RunReport, progress: Progress): Promise<RunReport> {
  const manifest = await ports.history.newestManifest(view.fingerprint);
  if (manifest === null) {
    throw new PlumbError(
      'NOT_MATERIALIZED',
      `${view.name} has no snapshot of its present definition; run plumb materialize ${view.name}`,
    );
  }
  const { state } = await readState(ports.online, view.name);
  const token = await ports.history.begin(
    blank.startedAt,
    state.token > BigInt(manifest.token) ? state.token : BigInt(manifest.token),
  );
  const rebuildCount = state.rebuildCount + 1;
  let rows = 0;
  const generation = generationId(view, rebuildCount);
  await publish(ports, { view, manifest, generation, rebuildCount, token: BigInt(token) }, (done) => {
    rows = done;
    progress('writing', done, null);
  });
  const report: RunReport = {
    ...reportOf(blank, manifest, null),
    run: String(token).padStart(8, '0'),
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
