// What serves a view now, and the rows of one key that it had to read: all that is needed to compute its values anew.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Value } from '../../../schemas/types.ts';
import { earliestStartMicros, effectiveMicros, knownMicros, spanOf } from '../../aggregate/windows.ts';
import type { Catalog, FeatureView, Source } from '../../catalog/catalog.ts';
import { hasEntries, requireOnline, requireView, sourceOf } from '../../catalog/look-up.ts';
import { readState } from '../../materialize/publish.ts';
import { changedSince, unreadText } from '../../materialize/unread-files.ts';
import type { KeyRowReading, KeyRows } from '../../offline/key-rows.ts';
import { type RunManifest, readRunManifest } from '../../offline/manifest-run.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import type { LiveGeneration } from '../../online/serving-state.ts';
import { planMaterialization } from '../../plan/plan-materialization.ts';
import { usedColumns } from '../../plan/used-columns.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { listSource, type SourceFile, type SourceFiles } from '../../storage/source-files.ts';
import { fileNameFor } from './file-name.ts';
import type { Evidence, Instants } from './naive-value.ts';

export interface ExplainerPorts {
  /** A registered version; UNKNOWN_NAME where there is none. */
  readonly version: (version: number) => Promise<Catalog>;
  readonly online: OnlineStore;
  readonly store: ObjectStore;
  readonly sourceFiles: SourceFiles;
  readonly engine: KeyRowReading;
  readonly signal: AbortSignal;
}

export interface ServedView extends Evidence {
  /** By which the live run computed; its view too. */
  readonly catalog: Catalog;
  readonly source: Source;
  readonly live: LiveGeneration;
  /** T of the live run; of a view that a stream feeds the lookup's instant. */
  readonly untilMicros: bigint;
  readonly key: readonly Value[];
  readonly columns: readonly string[];
  readonly isCut: boolean;
  /** e and p of the run; ages are counted to the lookup's instant. */
  readonly ofRun: Instants;
  readonly asked: Instants;
  /** What values are computed for: the run's, of a continuous aggregate view the lookup's own, where that is no earlier. */
  readonly computedAt: Instants;
  /** What came between the run and the files as they are, as sentences. */
  readonly changes: readonly string[];
}

/** Of one key: more than these are not read. */
const MOST_ROWS = 100_000;

/** `key`: null where one of its parts is. */
export async function servedView(
  ports: ExplainerPorts,
  { catalog: current, view: name, key, atMicros }: AskedView,
): Promise<ServedView> {
  const { live } = (await readState(ports.online, name)).state;
  if (live === null) throw new PlumbError('CONFLICT', `${name} was taken out of the online store meanwhile; try again`);
  const manifest = await readRunManifest(ports.store, name, live.run);
  const catalog = await catalogOf(ports, { current, name, live, manifest });
  const view = requireOnline(requireView(catalog, name));
  const source = sourceOf(catalog, view);
  // A stream has applied all that there is.
  const untilMicros = live.stream === undefined ? live.watermarkMicros : atMicros;
  const plan = planMaterialization(catalog, view, untilMicros).values;
  const [ofRun, asked] = [untilMicros, atMicros].map((micros) => instantsOf(view, micros, atMicros)) as [
    Instants,
    Instants,
  ];
  const moves = hasEntries(view) && asked.effectiveMicros > ofRun.effectiveMicros;
  const computedAt = moves ? asked : ofRun;
  const files = await listSource(ports.sourceFiles, source);
  const range = { fromMicros: earliest(view, ofRun), toMicros: latest(ofRun, asked) };
  const job = { rows: plan.rows, files, range, limit: MOST_ROWS, signal: ports.signal };
  const read: KeyRows = key.includes(null)
    ? { columns: [...usedColumns(plan.rows)], rows: [], isCut: false }
    : await ports.engine.readKeyRows({ ...job, key });
  const changes = live.stream === undefined ? changesSince(manifest, view, { source, files }) : [];
  return { catalog, view, source, live, untilMicros, plan, key, ...read, ofRun, asked, computedAt, changes };
}

export interface AskedView {
  readonly catalog: Catalog;
  readonly view: string;
  readonly key: readonly Value[];
  readonly atMicros: bigint;
}

const instantsOf = ({ refresh }: FeatureView, micros: bigint, atMicros: bigint): Instants => ({
  atMicros,
  effectiveMicros: effectiveMicros(refresh, micros),
  knownMicros: knownMicros(refresh, micros),
});

const earliest = (view: FeatureView, { effectiveMicros: e }: Instants): bigint | null =>
  view.kind === 'row'
    ? null
    : earliestStartMicros(
        view.features.map((feature) => spanOf(view.kind, feature)),
        e,
      );

function latest({ effectiveMicros: ofRun }: Instants, { effectiveMicros: asked }: Instants): bigint {
  if (asked > ofRun) return asked;
  return ofRun;
}

interface LiveRun {
  readonly current: Catalog;
  readonly name: string;
  readonly live: LiveGeneration;
  readonly manifest: RunManifest | null;
}

/** A changed view goes on serving its former definition until its next run. */
async function catalogOf({ version }: ExplainerPorts, { current, name, live, manifest }: LiveRun): Promise<Catalog> {
  if (requireView(current, name).fingerprint === live.fingerprint) return current;
  if (live.stream !== undefined) return await version(live.stream.version);
  if (manifest !== null) return await version(manifest.registryVersion);
  throw new PlumbError(
    'STORAGE_CORRUPT',
    `the manifest of run ${live.run} of ${name} is gone, which says by what definition it serves; run \`plumb materialize ${name}\``,
  );
}

const MOST_NAMED = 5;

function changesSince(
  manifest: RunManifest | null,
  view: FeatureView,
  { source, files }: { readonly source: Source; readonly files: readonly SourceFile[] },
): readonly string[] {
  if (manifest === null) return ['the manifest of the run is gone, so which files it read is not known'];
  const { changed, gone } = changedSince(manifest, source.name, files);
  const named = (paths: readonly string[]): readonly string[] => paths.map((path) => fileNameFor(source.path, path));
  const { unread } = manifest;
  const told = (what: string, paths: readonly string[]): readonly string[] =>
    paths.length === 0
      ? []
      : [
          `${paths.slice(0, MOST_NAMED).join(', ')}${paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more files` : ''} ${what} since the run`,
        ];
  return [
    ...told('changed or came', named(changed.map(({ path }) => path))),
    ...told('went', named(gone)),
    ...(unread === undefined
      ? []
      : [unreadText(view.name, { ...unread, changed: named(unread.changed), gone: named(unread.gone) })]),
  ];
}
