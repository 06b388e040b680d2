// What a training set is asked at: a file of labels, or the keys of a view on a grid → files that the engine reads.
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { requireView } from '../catalog/look-up.ts';
import { formatInstant } from '../instant.ts';
import type { KeysNode, TrainingSetNode } from '../plan/nodes.ts';
import { isOneInstant, planKeys, requireKeysOf } from '../plan/plan-keys.ts';
import { fileUri } from '../storage/location.ts';
import type { LabelLimits } from './arrow/label-limits.ts';
import type { ArrowConversion } from './arrow-conversion.ts';
import type { Compute, FilesByScan, KeysJob, LabelFiles } from './compute.ts';
import type { DatasetRequest, LabelFile } from './dataset.ts';
import { labelFormat } from './label-format.ts';

export interface LabelPorts {
  readonly engine: Pick<Compute, 'listKeys'>;
  readonly arrow: ArrowConversion;
  /** Of labels that were not uploaded. */
  readonly labelLimits: LabelLimits;
  readonly signal: AbortSignal;
}

export interface WantedLabels {
  readonly request: DatasetRequest;
  /** Where the labels are the keys of a view. */
  readonly keys: KeysNode | null;
  readonly sources: FilesByScan;
  /** For files that are made. */
  readonly folder: string;
}

/** Where labels are the keys of a view; null for a file. UNKNOWN_NAME, or INVALID_REQUEST where those keys are not enough. */
export function planLabels(
  catalog: Catalog,
  { labels, service, timestampColumn }: DatasetRequest,
  plan: TrainingSetNode,
): KeysNode | null {
  if (labels.kind === 'file') return null;
  const view = requireView(catalog, labels.view);
  requireKeysOf(view, plan.labels, service);
  return planKeys(catalog, view, labels.grid, timestampColumn);
}

export async function labelFiles(
  ports: LabelPorts,
  { request, keys, sources, folder }: WantedLabels,
): Promise<LabelFiles> {
  const { labels } = request;
  if (labels.kind === 'file') return await filesOf(ports, labels, folder);
  if (keys === null) throw new PlumbError('INTERNAL', 'the keys of labels are not planned');
  return await keyFiles(ports, keysJob(keys, { sources, folder, signal: ports.signal }));
}

export const keysJob = (
  plan: KeysNode,
  { sources, folder, signal }: Pick<WantedLabels, 'sources' | 'folder'> & { readonly signal: AbortSignal },
): KeysJob => ({ plan, files: sources.get(plan.values.rows.scan.id) ?? [], folder: fileUri(folder), signal });

async function keyFiles({ engine, labelLimits: limits }: LabelPorts, job: KeysJob): Promise<LabelFiles> {
  const { at } = job.plan.values;
  const name = `keys of ${job.plan.view}`;
  const parts = await engine.listKeys(job);
  if (at.kind === 'grid' && parts.every(({ rows }) => rows === 0)) {
    const { fromMicros, toMicros } = at;
    const when = isOneInstant(at)
      ? `at ${formatInstant(fromMicros)}`
      : `from ${formatInstant(fromMicros)} to before ${formatInstant(toMicros)}`;
    throw new PlumbError('INVALID_LABELS', `view ${job.plan.view} has no keys ${when}`, {
      details: { view: job.plan.view },
    });
  }
  return { uris: parts.map(({ uri }) => uri), name, format: 'parquet', timestampUnit: null, limits };
}

async function filesOf(
  { arrow, labelLimits }: LabelPorts,
  { path, name = basename(path), timestampUnit, limits = labelLimits }: LabelFile,
  folder: string,
): Promise<LabelFiles> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile())
    throw new PlumbError(
      'INVALID_LABELS',
      `the labels file ${name} ${found === null ? 'does not exist' : 'is not a file'}`,
    );
  const format = labelFormat(path);
  if (format !== 'arrow') return { uris: [await labelsUri(path)], name, format, timestampUnit, limits };
  return {
    uris: (await arrow.toParquet(path, folder, limits)).map(({ localPath }) => fileUri(localPath)),
    name,
    format: 'parquet',
    timestampUnit,
    limits,
  };
}

/** Under its own name, which tells how it is compressed, wherever the links of its folder lead. */
const labelsUri = async (path: string): Promise<string> => fileUri(join(await realpath(dirname(path)), basename(path)));
