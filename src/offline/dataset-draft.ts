// What the manifest of a training set says of how it was made.
import { PlumbError } from '../../schemas/errors.ts';
import { type Catalog, type FeatureView, registeredVersion } from '../catalog/catalog.ts';
import type { Erasure } from '../catalog/erasure.ts';
import { pendingFor } from '../catalog/erasures.ts';
import { requireService, requireView } from '../catalog/look-up.ts';
import { membersOf } from '../catalog/members.ts';
import { formatDuration, formatInstant, nowMicros } from '../instant.ts';
import type { KeysNode, TrainingSetNode } from '../plan/nodes.ts';
import { isOneInstant } from '../plan/plan-keys.ts';
import { filePath } from '../storage/location.ts';
import type { FilesByScan, LabelFiles, TrainingSetOutcome } from './compute.ts';
import type { DatasetManifest, DatasetRequest, KeysOf } from './dataset.ts';
import type { DatasetDraft } from './dataset-catalog.ts';
import { sha256OfFiles } from './manifest.ts';
import { type Reuse, reusedOf } from './reuse.ts';

/** All that a build reads. */
export interface Prepared {
  readonly catalog: Catalog;
  readonly plan: TrainingSetNode;
  /** When the build began: what is known by then is mature. */
  readonly builtMicros: bigint;
  /** Of labels that are the keys of a view. */
  readonly keys: KeysNode | null;
  readonly labels: LabelFiles;
  readonly sources: FilesByScan;
  /** Where columns of a former training set are taken. */
  readonly reuse: Reuse | null;
}

export async function draftOf(
  { catalog, plan, builtMicros, keys, labels, sources, reuse }: Prepared,
  request: DatasetRequest,
  name: string,
  outcome: TrainingSetOutcome,
): Promise<DatasetDraft> {
  const { interval } = outcome;
  return {
    name,
    startedAt: formatInstant(builtMicros),
    createdAt: formatInstant(nowMicros()),
    project: catalog.project,
    registryVersion: registeredVersion(catalog),
    service: request.service,
    ...learnedFrom(catalog, request.service),
    columns: columnsOf(plan, outcome),
    warnings: outcome.warnings,
    ...(outcome.immature.length === 0 ? {} : { immature: outcome.immature }),
    labels: {
      file: labels.name,
      sha256: await sha256OfLabels(request, labels),
      ...(request.labels.kind === 'file' ? {} : { keysOf: keysOf(request.labels) }),
      timestampColumn: request.timestampColumn,
      interval:
        interval === null ? null : { from: formatInstant(interval.fromMicros), to: formatInstant(interval.toMicros) },
    },
    ...pendingFor(catalog, viewsOf(catalog, plan, keys)),
    ...(reuse === null ? {} : reusedOf(reuse)),
    sources: [...sources].map(([source, files]) => ({
      name: source,
      files: files.map(({ path, sizeBytes, identity }) => ({ path, sizeBytes, identity })),
    })),
  };
}

/** Those that a set is computed from; columns that it takes from a former one are as new (reuse.ts). */
export const viewsOf = (
  catalog: Catalog,
  { service }: Pick<TrainingSetNode, 'service'>,
  keys: KeysNode | null,
): readonly FeatureView[] => [
  ...requireService(catalog, service).features.map(({ view }) => requireView(catalog, view)),
  ...(keys === null ? [] : [requireView(catalog, keys.view)]),
];

/** CONFLICT where keys were erased that the set may hold: whoever erases waits for builds, but not for one that stood still. */
export function refuseErasedSince({ catalog, plan, keys }: Prepared, erasures: readonly Erasure[]): void {
  const known = new Set((catalog.erasures ?? []).map(({ id }) => id));
  const entities = new Set(viewsOf(catalog, plan, keys).flatMap((view) => view.entities));
  const since = erasures.find(({ id, entity }) => !known.has(id) && entities.has(entity));
  if (since === undefined) return;
  const message = `keys of entity ${since.entity} were erased while the training set was made; it was not kept: try again`;
  throw new PlumbError('CONFLICT', message, { details: { erasure: since.id } });
}

/** A file of one's own as it is; keys of a view as the parts that were made of them. */
export const sha256OfLabels = ({ labels }: DatasetRequest, { uris }: LabelFiles): Promise<string> =>
  sha256OfFiles(labels.kind === 'file' ? [labels.path] : uris.map(filePath));

/** What a lookup of the same features needs; nothing where the catalog was registered before features had a meaning. */
function learnedFrom(catalog: Catalog, name: string): Pick<DatasetManifest, 'serviceVersion' | 'features'> {
  const serviceVersion = catalog.serviceVersions?.get(name)?.version;
  if (serviceVersion === undefined) return {};
  const features = membersOf(catalog, requireService(catalog, name)).map(
    ({ name, view, feature, readAs, meaning, rowOrder }) => ({
      name,
      feature: `${view}:${feature}`,
      readAs,
      meaning: meaning ?? '',
      ...(rowOrder === null ? {} : { rowOrder }),
      ...(requireView(catalog, view).kind === 'label' ? { label: true as const } : {}),
    }),
  );
  return { serviceVersion, features };
}

/** What a file of the set says by itself, under the key `plumb`. The set's version is not known before it is published. */
export function parquetMetadata(catalog: Catalog, service: string): Readonly<Record<string, string>> {
  const { project } = catalog;
  const learned = learnedFrom(catalog, service);
  return { plumb: JSON.stringify({ project, registryVersion: registeredVersion(catalog), service, ...learned }) };
}

const keysOf = ({ view, grid }: KeysOf): DatasetManifest['labels']['keysOf'] =>
  isOneInstant(grid)
    ? { view, at: formatInstant(grid.fromMicros) }
    : {
        view,
        from: formatInstant(grid.fromMicros),
        to: formatInstant(grid.toMicros),
        every: formatDuration(grid.everyMicros),
      };

const columnsOf = (plan: TrainingSetNode, { columns }: TrainingSetOutcome): DatasetManifest['columns'] =>
  columns.map(({ name, physical }) => ({
    name,
    type:
      plan.outputs.find((output) => output.name === name)?.type ??
      plan.labels.keys.find(({ column }) => column === name)?.type ??
      'label',
    physical,
  }));
