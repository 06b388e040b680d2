// `{name}/{version}` of a path; the version is a number or `latest`.
import type { Context } from 'hono';
import { PlumbError } from '../../schemas/errors.ts';
import type { Caller } from '../access/caller.ts';
import type { DatasetManifest } from '../offline/dataset.ts';
import type { DatasetCatalog } from '../offline/dataset-catalog.ts';
import { quote, shorten } from '../quote.ts';

export interface DatasetVersion {
  readonly name: string;
  /** null: the newest. */
  readonly version: number | null;
}

export function datasetVersion(context: Context): DatasetVersion {
  const name = context.req.param('name') ?? '';
  const version = context.req.param('version') ?? '';
  if (version === 'latest') return { name, version: null };
  if (/^[1-9]\d{0,8}$/.test(version)) return { name, version: Number(version) };
  const message = `found the version ${quote(version)}, expected a number from 1 or latest`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { version: shorten(version) } });
}

/** A version that the caller may read, or the newest. Errors as those of `show`, once it is sure that the name is the caller's. */
export async function datasetFor(
  caller: Caller,
  datasets: DatasetCatalog,
  { name, version }: DatasetVersion,
): Promise<DatasetManifest> {
  await requireDatasetName(caller, datasets, name);
  const dataset = await datasets.show(name, version);
  caller.requireDataset(name, dataset.service);
  return dataset;
}

/** Nothing is told, to who may not read it, of whether there is such a name, nor of those that there are. */
async function requireDatasetName(caller: Caller, datasets: DatasetCatalog, name: string): Promise<void> {
  if (!caller.isLimited) return;
  const newest = await newestOrNull(datasets, name);
  caller.requireDataset(name, newest?.service ?? null);
}

/** The next version of a name is what its readers get from then on: the name is new, or that of a service of the caller's. */
export async function requireMayMake(
  caller: Caller,
  datasets: DatasetCatalog,
  { service, name }: { readonly service: string; readonly name: string },
): Promise<void> {
  caller.requireService(service);
  if (!caller.isLimited) return;
  const newest = await newestOrNull(datasets, name);
  if (newest !== null) caller.requireDataset(name, newest.service);
}

async function newestOrNull(datasets: DatasetCatalog, name: string): Promise<DatasetManifest | null> {
  try {
    return await datasets.show(name, null);
  } catch (error) {
    if (error instanceof PlumbError && error.code === 'UNKNOWN_NAME') return null;
    throw error;
  }
}
