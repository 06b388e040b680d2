// A training set that takes columns from a former one of the same labels: those whose values a build from scratch would
// compute again. Whatever is not surely the same is computed.
import { copyFile, link } from 'node:fs/promises';
import { join } from 'node:path';
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Erasure } from '../catalog/erasure.ts';
import { requireService, requireView, sourceOf } from '../catalog/look-up.ts';
import { type Member, membersOf } from '../catalog/members.ts';
import type { Versioned } from '../catalog/versioned.ts';
import { counted } from '../counted.ts';
import { fileUri } from '../storage/location.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { FilesByScan } from './compute.ts';
import type { DatasetManifest, DatasetRequest } from './dataset.ts';
import type { DatasetCatalog } from './dataset-catalog.ts';
import { isWarnedOf } from './leaks.ts';
import { requireWholePart } from './manifest.ts';
import { datasetFolder } from './stored-dataset.ts';

export interface Reuse {
  readonly former: DatasetManifest & {
    readonly features: NonNullable<DatasetManifest['features']>;
    readonly warnings: readonly string[];
  };
  /** Features of the service that are taken → the column that they are there. */
  readonly stored: ReadonlyMap<string, string>;
  /** Features that the former set has, and that are computed all the same. */
  readonly notReused: readonly { readonly name: string; readonly why: string }[];
}

const what = ({ name, version }: Versioned): string => `the training set ${name}@${version}`;

/** INVALID_REQUEST for one that does not say what its columns mean. */
export function requireReusable(dataset: DatasetManifest, erasures: readonly Erasure[] = []): Reuse['former'] {
  const { features, warnings, name, version } = dataset;
  refuseErased(dataset, erasures);
  if (features !== undefined && warnings !== undefined) return { ...dataset, features, warnings };
  const why =
    dataset.registryVersion === null
      ? 'it was made of definitions that were not registered'
      : 'it is of before training sets kept that';
  const message = `${what(dataset)} does not say what its columns mean (${why}), so that none can be taken; create it again, or leave the reuse out`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { name, version } });
}

/** Rows that were erased are not to come back, and those that are left are not its labels any more. */
function refuseErased(dataset: DatasetManifest, erasures: readonly Erasure[]): void {
  const { name, version, erased, withoutErased = [] } = dataset;
  if (erased !== undefined) {
    const message = `${what(dataset)} lost ${counted(erased.rows, 'row')} to erasures, so that nothing can be taken from it; leave the reuse out`;
    throw new PlumbError('INVALID_REQUEST', message, { details: { name, version } });
  }
  const pending = erasures.find(({ id, isPending }) => isPending && !withoutErased.includes(id));
  if (pending === undefined) return;
  const message = `the erasure ${pending.id} is not done yet, and ${what(dataset)} may hold its keys; try again when it is done, or leave the reuse out`;
  throw new PlumbError('CONFLICT', message, { details: { name, version, erasure: pending.id } });
}

type Labels = DatasetManifest['labels'];

/** INVALID_LABELS unless they are those of the former set: the same bytes, read in the same way. */
export function requireSameLabels(
  former: DatasetManifest,
  { sha256, timestampColumn }: Pick<Labels, 'sha256' | 'timestampColumn'>,
): void {
  if (former.labels.sha256 !== sha256)
    throw notSame(
      former,
      `found labels with the SHA-256 ${sha256}, expected those of ${former.labels.file} with ${former.labels.sha256}`,
    );
  if (former.labels.timestampColumn !== timestampColumn)
    throw notSame(
      former,
      `found the timestamp column ${timestampColumn}, expected ${former.labels.timestampColumn} as it was there`,
    );
}

/** What is only known once they were read: numbers may be read in another unit, a file be written again. */
export function requireSameInstants(former: DatasetManifest, labels: Labels, rows: number): void {
  requireSameLabels(former, labels);
  const text = ({ interval }: Labels): string => (interval === null ? 'none' : `${interval.from} to ${interval.to}`);
  if (former.rows !== rows) throw notSame(former, `found ${counted(rows, 'label')}, expected ${former.rows}`);
  if (text(labels) !== text(former.labels))
    throw notSame(
      former,
      `found instants from ${text(labels)}, expected those from ${text(former.labels)}; is the unit of the timestamp column another one?`,
    );
}

const notSame = (former: DatasetManifest, problem: string): PlumbError =>
  new PlumbError('INVALID_LABELS', `${what(former)} has other labels, so that nothing can be reused: ${problem}`, {
    details: { name: former.name, version: former.version },
  });

/** What can be taken from the former set; `sources`: the files of the service's sources as they are now. */
export function planReuse(
  catalog: Catalog,
  { service }: DatasetRequest,
  { former, sources }: Pick<Reuse, 'former'> & { readonly sources: FilesByScan },
): Reuse {
  const stored = new Map<string, string>();
  const notReused: { name: string; why: string }[] = [];
  for (const member of membersOf(catalog, requireService(catalog, service))) {
    const there = former.features.find((feature) => isSameFeature(feature, member));
    if (there === undefined) continue;
    const why = whyNot(catalog, member, { former, sources, there });
    if (why === null) stored.set(member.name, there.name);
    else notReused.push({ name: member.name, why });
  }
  return { former, stored, notReused };
}

type StoredFeature = Reuse['former']['features'][number];

const isSameFeature = ({ feature, readAs }: StoredFeature, member: Member): boolean =>
  feature === `${member.view}:${member.feature}` && JSON.stringify(readAs) === JSON.stringify(member.readAs);

interface Compared {
  readonly former: Reuse['former'];
  readonly sources: FilesByScan;
  readonly there: StoredFeature;
}

function whyNot(catalog: Catalog, member: Member, { former, sources, there }: Compared): string | null {
  const view = requireView(catalog, member.view);
  const type = view.features.find(({ name }) => name === member.feature)?.type;
  const column = former.columns.find(({ name }) => name === there.name);
  if (member.meaning === null) return 'it was registered before features had a meaning; run `plumb apply`';
  if (there.meaning !== member.meaning || column?.type !== type) return 'it means something else now';
  if (member.rowOrder !== null && there.rowOrder !== member.rowOrder)
    return `rows of its view ${view.name} that have one instant are not told apart as they were: by the features before it`;
  const source = sourceOf(catalog, view).name;
  if (identities(sources.get(source)) !== identities(former.sources.find(({ name }) => name === source)?.files))
    return `files of its source ${source} are not those that they were`;
  const immature = view.kind === 'label' ? whyImmature(former, there.name) : null;
  if (immature !== null) return immature;
  // Only the rows that are read tell of it.
  if (isWarnedOf(former.warnings, view.name)) return `${former.name}@${former.version} has a warning of its view`;
  return null;
}

/** A label that had not matured everywhere may have by now. */
function whyImmature({ name, version, immature = [] }: Reuse['former'], column: string): string | null {
  const rows = immature.find((label) => label.name === column)?.rows;
  return rows === 0
    ? null
    : `${rows === undefined ? 'some' : counted(rows, 'row')} of ${name}@${version} had not matured when it was made`;
}

type Identity = DatasetManifest['sources'][number]['files'][number];

const identities = (files: readonly Identity[] = []): string =>
  JSON.stringify(files.map(({ path, sizeBytes, identity }) => [path, sizeBytes, identity]));

/** Locations of its parts in the work folder, where `holdParts` puts them. */
export const heldParts = ({ former }: Reuse, folder: string): readonly string[] =>
  former.parts.map((_, index) => fileUri(heldPath(folder, index)));

const heldPath = (folder: string, index: number): string =>
  join(folder, `former-${index.toString().padStart(5, '0')}.parquet`);

/** A collection may remove the former set meanwhile: what is held stays. STORAGE_CORRUPT for parts that are not whole. */
export async function holdParts(
  { store, datasets }: { readonly store: ObjectStore; readonly datasets: DatasetCatalog },
  { former }: Reuse,
  folder: string,
): Promise<void> {
  const { name, version } = former;
  try {
    for (const [index, part] of former.parts.entries()) {
      const key = `${datasetFolder(name, version)}${part.path}`;
      const held = heldPath(folder, index);
      const found = await store.localPath(key);
      await link(found, held).catch(() => copyFile(found, held));
      await requireWholePart(held, key, part);
    }
  } catch (error) {
    await datasets.show(name, version); // Gone by now, that is what is told.
    throw error;
  }
}

export const reusedOf = ({ former, stored, notReused }: Reuse): Pick<DatasetManifest, 'reused'> => ({
  reused: {
    name: former.name,
    version: former.version,
    features: [...stored.keys()],
    ...(notReused.length === 0 ? {} : { notReused }),
  },
});

/** For people: one line for what is taken, one for each feature that could have been. */
export const reuseLines = ({ reused }: Pick<DatasetManifest, 'reused'>): readonly string[] =>
  reused === undefined
    ? []
    : [
        `reused from ${reused.name}@${reused.version}: ${reused.features.join(', ') || 'nothing'}`,
        ...(reused.notReused ?? []).map(({ name, why }) => `computed anew: ${name}: ${why}`),
      ];
