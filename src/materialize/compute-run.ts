// One run of one view: what must be read, the engine's work, parts and manifest.
import { basename } from 'node:path/posix';
import type { Catalog, FeatureView, RowView } from '../catalog/catalog.ts';
import { sourceOf } from '../catalog/look-up.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { MaterializationJob, MaterializationOutcome, PartFile } from '../offline/compute.ts';
import { adoptParts, describePart } from '../offline/finished-parts.ts';
import type { PartInfo } from '../offline/manifest.ts';
import { writeManifest } from '../offline/manifest.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import { runFolder, runFolderName } from '../offline/manifest-run.ts';
import type { LiveGeneration } from '../online/serving-state.ts';
import type { IncrementNode } from '../plan/nodes.ts';
import { boundaryOf, planMaterialization } from '../plan/plan-materialization.ts';
import { fileUri } from '../storage/location.ts';
import type { SourceFile } from '../storage/source-files.ts';
import { listSource } from '../storage/source-files.ts';
import { emptyNotice } from './empty-run.ts';
import type { MaterializeRequest } from './run.ts';
import { type RunHistory, takenForDead } from './run-history.ts';
import type { Progress, RunPorts } from './run-ports.ts';
import { addUnread, changedSince, type Unread } from './unread-files.ts';

export interface RunContext extends Omit<RunPorts, 'online'> {
  readonly folder: string;
  readonly catalog: Catalog;
  readonly view: FeatureView;
  readonly request: MaterializeRequest;
  readonly token: number;
  readonly generation: string;
  /** The run that is live now. */
  readonly basedOn: string | null;
  /** The generation that an incremental run adds to; null: a new one is filled. */
  readonly live: LiveGeneration | null;
  readonly startedAt: string;
  readonly progress: Progress;
}

/** A longer chain of deltas is replaced by a new base: reading it back would cost more than it saves. */
const LONGEST_CHAIN = 64;

export async function computeRun(
  context: RunContext,
): Promise<{ readonly manifest: RunManifest; readonly notice: string | null }> {
  const { catalog, view, request, engine, folder, signal, progress } = context;
  progress('computing', 0, null);
  const files = await listSource(context.sourceFiles, sourceOf(catalog, view));
  const last = context.live === null ? null : await context.history.manifest(context.live.run);
  const increment = incrementOf(context, last);
  const job: MaterializationJob = {
    plan: planMaterialization(catalog, view, request.untilMicros, increment),
    files,
    previousParts: last === null ? [] : await previousParts(context.history, last),
    folder: fileUri(folder),
    signal,
    onProgress: (rowsDone, rowsTotal) => progress('computing', rowsDone, rowsTotal),
  };
  const outcome = await engine.materialize(job);
  failpoint('materialize.computed');
  const unread = increment === null || last === null ? null : await changedBehind(context, files, last, increment);
  const manifest = await keep(context, job, outcome, last, unread);
  const notice = unread === null ? emptyNotice(context, files, outcome) : noticeOf(view, unread);
  return { manifest, notice };
}

async function previousParts(history: RunHistory, last: RunManifest): Promise<readonly string[]> {
  const manifests = await Promise.all(last.chain.map((run) => history.manifest(run)));
  return (await Promise.all(manifests.map((manifest) => history.partUris(manifest, manifest.parts)))).flat();
}

/**
 * A row view reads rows stamped since the watermark less its lateness. With a created column also every row created since
 * then, however old; the lateness is allowed for there too, because a row may reach the source after its created time.
 */
function incrementOf({ view, catalog, live }: RunContext, last: RunManifest | null): IncrementNode | null {
  if (view.kind !== 'row' || live === null || last === null || last.chain.length >= LONGEST_CHAIN) return null;
  const eventMicros = boundaryOf(view, live.watermarkMicros).effectiveMicros - view.latenessMicros;
  const hasCreated = sourceOf(catalog, view).createdTimestampColumn !== null;
  return { kind: 'increment', eventMicros, createdMicros: hasCreated ? eventMicros : null };
}

/** null where everything was looked at. */
async function changedBehind(
  { catalog, view, engine, signal }: RunContext,
  files: readonly SourceFile[],
  last: RunManifest,
  { eventMicros, createdMicros }: IncrementNode,
): Promise<Unread | null> {
  if (createdMicros !== null) return null;
  const source = sourceOf(catalog, view);
  const { changed, gone } = changedSince(last, source.name, files);
  const behind = await engine.filesBehind(source, changed, eventMicros, signal);
  return { changed: behind, gone, beforeMicros: eventMicros };
}

function noticeOf(view: FeatureView, { changed, gone, beforeMicros }: Unread): string | null {
  const sentences = [
    ...(changed.length === 0
      ? []
      : [
          `${changed.join(', ')} changed since the last run and hold rows before ${formatInstant(beforeMicros)}, which were not read again (lateness ${latenessText(view)})`,
        ]),
    ...(gone.length === 0 ? [] : [`${gone.join(', ')} are gone; their rows stay`]),
  ];
  return sentences.length === 0 ? null : `${sentences.join('; ')}. Use --full to rebuild ${view.name} from all rows`;
}

const latenessText = (view: FeatureView): string => `${Number((view as RowView).latenessMicros) / 3_600_000_000} h`;

/** As the engine called it. */
const nameOf = ({ uri }: PartFile): string => basename(uri);

async function keep(
  context: RunContext,
  job: MaterializationJob,
  outcome: MaterializationOutcome,
  last: RunManifest | null,
  unread: Unread | null,
): Promise<RunManifest> {
  const { store, view, token, lease } = context;
  const folder = runFolder(view.name, runFolderName(token));
  const describe = (parts: readonly PartFile[]): Promise<PartInfo[]> =>
    Promise.all(parts.map((part) => describePart(part, nameOf(part))));
  const [parts, tombstoneParts] = [await describe(outcome.parts), await describe(outcome.gone)];
  const left = addUnread(job.plan.increment === null ? undefined : last?.unread, unread);
  const manifest = {
    ...manifestOf(context, job, outcome, last, parts, tombstoneParts),
    ...(left === undefined ? {} : { unread: left }),
  };
  await adoptParts(
    store,
    [...outcome.parts, ...outcome.gone].map((part) => ({ uri: part.uri, key: `${folder}${nameOf(part)}` })),
  );
  failpoint('materialize.parts_adopted');
  await lease.assertHeld();
  failpoint('materialize.before_manifest');
  if (!(await writeManifest(store, folder, manifest))) throw takenForDead(view.name, manifest.run);
  failpoint('materialize.manifest_written');
  return manifest;
}

function manifestOf(
  { catalog, view, request, token, basedOn, generation, startedAt }: RunContext,
  job: MaterializationJob,
  { scanned, invalidValues, rows }: MaterializationOutcome,
  last: RunManifest | null,
  parts: readonly PartInfo[],
  tombstoneParts: readonly PartInfo[],
): RunManifest {
  const run = runFolderName(token);
  const { increment } = job.plan;
  const isDelta = increment !== null && last !== null;
  const boundary = boundaryOf(view, request.untilMicros);
  return {
    kind: 'run',
    project: catalog.project,
    view: view.name,
    viewKind: view.kind,
    run,
    token,
    mode: request.mode === 'full' ? 'full' : 'incremental',
    base: !isDelta,
    chain: isDelta ? [...last.chain, run] : [run],
    basedOn,
    generation,
    fingerprint: view.fingerprint,
    registryVersion: catalog.version,
    until: formatInstant(request.untilMicros),
    untilMicros: String(request.untilMicros),
    effectiveMicros: view.refresh === null ? null : String(boundary.effectiveMicros),
    interval: {
      from: increment === null ? null : formatInstant(increment.eventMicros),
      to: formatInstant(boundary.effectiveMicros),
    },
    startedAt,
    createdAt: formatInstant(nowMicros()),
    sources: [
      { name: view.source, files: job.files.map(({ path, sizeBytes, identity }) => ({ path, sizeBytes, identity })) },
    ],
    scan: scanOf(scanned),
    keyColumns: view.joinKeys.map(({ name, type }) => ({ name, type })),
    features: view.features.map(({ name, type }) => ({ name, type })),
    parts,
    tombstoneParts,
    rows,
    tombstones: tombstoneParts.reduce((sum, part) => sum + part.rows, 0),
    invalidValues,
  };
}

function scanOf({
  rows,
  filesTotal,
  files,
  rowGroupsTotal,
  rowGroups,
}: MaterializationOutcome['scanned']): RunManifest['scan'] {
  return { rows, filesTotal, filesScanned: files, rowGroupsTotal, rowGroupsScanned: rowGroups };
}
