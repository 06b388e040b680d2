// What a run computed becomes durable: parts in their place, then the manifest, from which on it counts.
import { basename } from 'node:path/posix';
import type { ServableView } from '../catalog/catalog.ts';
import { pendingFor } from '../catalog/erasures.ts';
import { hasEntries } from '../catalog/look-up.ts';
import { counted } from '../counted.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { MaterializationOutcome, PartFile, RunJob } from '../offline/compute.ts';
import { adoptParts, describePart } from '../offline/finished-parts.ts';
import type { PartInfo } from '../offline/manifest.ts';
import { writeManifest } from '../offline/manifest.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import { runFolder, runFolderName } from '../offline/manifest-run.ts';
import type { LiveGeneration } from '../online/serving-state.ts';
import type { IncrementNode, KeyColumn } from '../plan/nodes.ts';
import { boundaryOf } from '../plan/plan-materialization.ts';
import type { SourceFile } from '../storage/source-files.ts';
import { totalBytes, totalRows } from '../storage/totals.ts';
import type { MaterializeRequest } from './run.ts';
import { takenForDead } from './run-history.ts';
import type { RunPorts } from './run-ports.ts';
import { addUnread, type Unread } from './unread-files.ts';

export interface RunContext extends Omit<RunPorts, 'online'> {
  readonly folder: string;
  readonly view: ServableView;
  readonly request: MaterializeRequest;
  readonly token: number;
  readonly generation: string;
  /** The run that is live now. */
  readonly basedOn: string | null;
  /** The generation that an incremental run adds to; null: a new one is filled. */
  readonly live: LiveGeneration | null;
  readonly startedAt: string;
}

/** What a run reads, known before the engine works. */
export interface PlannedRun {
  /** Of the parts. */
  readonly keys: readonly KeyColumn[];
  readonly compute: (job: RunJob) => Promise<MaterializationOutcome>;
  readonly files: readonly SourceFile[];
  /** The run that it adds to; null: none. */
  readonly last: RunManifest | null;
  /** null: all rows are read. */
  readonly increment: IncrementNode | null;
}

export interface ComputedRun extends PlannedRun {
  readonly outcome: MaterializationOutcome;
  /** null where everything was looked at. */
  readonly unread: Unread | null;
}

interface WrittenParts {
  readonly parts: readonly PartInfo[];
  readonly tombstoneParts: readonly PartInfo[];
}

export async function keepRun(context: RunContext, computed: ComputedRun): Promise<RunManifest> {
  const { store, view, token, lease, trace } = context;
  const folder = runFolder(view.name, runFolderName(token));
  const written = await trace.phase('store', (span) => {
    span.set({ rows: computed.outcome.rows + totalRows(computed.outcome.gone) });
    return storeParts(context, folder, computed.outcome);
  });
  failpoint('materialize.parts_adopted');
  const manifest = manifestOf(context, computed, written);
  await trace.phase('commit', async () => {
    await lease.assertHeld();
    failpoint('materialize.before_manifest');
    if (!(await writeManifest(store, folder, manifest))) throw takenForDead(view.name, manifest.run);
  });
  trace.log('the manifest is written: from here on the next run would finish what this one leaves');
  failpoint('materialize.manifest_written');
  return manifest;
}

/** As the engine called it. */
const nameOf = ({ uri }: PartFile): string => basename(uri);

async function storeParts(
  { store, trace }: RunContext,
  folder: string,
  { parts, gone }: MaterializationOutcome,
): Promise<WrittenParts> {
  const describe = (files: readonly PartFile[]): Promise<PartInfo[]> =>
    Promise.all(files.map((part) => describePart(part, nameOf(part))));
  const written = { parts: await describe(parts), tombstoneParts: await describe(gone) };
  await adoptParts(
    store,
    [...parts, ...gone].map((part) => ({ uri: part.uri, key: `${folder}${nameOf(part)}` })),
  );
  const all = [...written.parts, ...written.tombstoneParts];
  const sizeBytes = totalBytes(all);
  trace.log(`stored ${counted(all.length, 'part')}, ${counted(sizeBytes, 'byte')}`);
  return written;
}

function manifestOf(
  { catalog, view, request, token, basedOn, generation, startedAt }: RunContext,
  { files, keys, last, increment, outcome, unread }: ComputedRun,
  { parts, tombstoneParts }: WrittenParts,
): RunManifest {
  const run = runFolderName(token);
  const left = addUnread(increment === null ? undefined : last?.unread, unread);
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
    sources: [{ name: view.source, files: files.map(identityOf) }],
    scan: scanOf(outcome.scanned),
    keyColumns: keys.map(({ name, type }) => ({ name, type })),
    features: view.features.map(({ name, type }) => ({ name, type })),
    ...(hasEntries(view) ? { records: 'entries' } : {}),
    parts,
    tombstoneParts,
    rows: outcome.rows,
    tombstones: totalRows(tombstoneParts),
    ...pendingFor(catalog, [view]),
    invalidValues: outcome.invalidValues,
    ...(left === undefined ? {} : { unread: left }),
  };
}

const identityOf = ({ path, sizeBytes, identity }: SourceFile) => ({ path, sizeBytes, identity });

function scanOf({
  rows,
  filesTotal,
  files,
  rowGroupsTotal,
  rowGroups,
}: MaterializationOutcome['scanned']): RunManifest['scan'] {
  return { rows, filesTotal, filesScanned: files, rowGroupsTotal, rowGroupsScanned: rowGroups };
}
