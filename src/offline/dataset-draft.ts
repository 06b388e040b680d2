// What the manifest of a training set says of how it was made.
import { basename } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { TrainingSetNode } from '../plan/nodes.ts';
import type { FilesByScan, LabelFiles, TrainingSetOutcome } from './compute.ts';
import type { DatasetManifest, DatasetRequest } from './dataset.ts';
import type { DatasetDraft } from './dataset-catalog.ts';
import { sha256OfFile } from './manifest.ts';

/** All that a build reads. */
export interface Prepared {
  readonly catalog: Catalog;
  readonly plan: TrainingSetNode;
  readonly labels: LabelFiles;
  readonly sources: FilesByScan;
}

export async function draftOf(
  { catalog, plan, sources }: Prepared,
  request: DatasetRequest,
  name: string,
  outcome: TrainingSetOutcome,
): Promise<DatasetDraft> {
  const { interval } = outcome;
  return {
    name,
    createdAt: formatInstant(nowMicros()),
    project: catalog.project,
    registryVersion: catalog.version,
    service: request.service,
    columns: columnsOf(plan, outcome),
    warnings: outcome.warnings,
    labels: {
      file: request.labelsName ?? basename(request.labelsPath),
      sha256: await sha256OfFile(request.labelsPath),
      timestampColumn: request.timestampColumn,
      interval:
        interval === null ? null : { from: formatInstant(interval.fromMicros), to: formatInstant(interval.toMicros) },
    },
    sources: [...sources].map(([source, files]) => ({
      name: source,
      files: files.map(({ path, sizeBytes, identity }) => ({ path, sizeBytes, identity })),
    })),
  };
}

const columnsOf = (plan: TrainingSetNode, { columns }: TrainingSetOutcome): DatasetManifest['columns'] =>
  columns.map(({ name, physical }) => ({
    name,
    type:
      plan.outputs.find((output) => output.name === name)?.type ??
      plan.labels.keys.find(({ column }) => column === name)?.type ??
      'label',
    physical,
  }));
