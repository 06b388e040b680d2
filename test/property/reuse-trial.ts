// Training sets of random worlds in two steps, some of the features and then all with `reuse`, against one that is made at once.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../schemas/wire-types.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { requireService } from '../../src/catalog/look-up.ts';
import { nowMicros } from '../../src/instant.ts';
import { OWN_LABELS } from '../../src/offline/arrow/label-limits.ts';
import type { Datasets } from '../../src/offline/dataset.ts';
import { createDatasets } from '../../src/offline/datasets.ts';
import { createDuckdbEngine } from '../../src/offline/duckdb/duckdb-engine.ts';
import { numberServices } from '../../src/registry/service-versions.ts';
import { FileObjectStore } from '../../src/storage/file/file-object-store.ts';
import { FileSourceFiles } from '../../src/storage/file/file-source-files.ts';
import { parseInstant } from '../oracle/instants.ts';
import { expectedImmature } from '../oracle/naive-evaluator.ts';
import { Random } from '../oracle/random.ts';
import { type RandomWorld, randomWorld } from '../oracle/random-worlds.ts';
import { grantAll } from '../support/fake-leases.ts';
import { OnlineProject } from './plumb-online.ts';
import { jsonLines } from './table-files.ts';
import type { Trial } from './worlds.ts';

export const reuseTrial: Trial = {
  name: 'reuse',
  world: (seed) => randomWorld(seed, { bytes: seed % 7 === 0, labels: seed % 2 === 0 }),
  mismatch: async (world) => {
    try {
      return await reuseMismatch(world);
    } catch (error) {
      return `failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  },
};

async function reuseMismatch(world: RandomWorld): Promise<string | undefined> {
  const format = world.seed % 2 === 0 ? 'parquet' : 'jsonl';
  await using project = await OnlineProject.create(world, { store: 'memory', format });
  await writeFile(join(project.folder, 'labels.jsonl'), jsonLines(world.labels));
  await using store = new FileObjectStore({ root: join(project.folder, 'storage'), mayCreate: true });
  const builtMicros = world.builtAt === undefined ? nowMicros() : parseInstant(world.builtAt);
  const made = (catalog: Catalog): Datasets => datasetsOf({ folder: project.folder, store, builtMicros }, catalog);
  const whole = numbered(project.catalog);
  const scratch = await create(made(whole), world, project.folder).catch(invalidOrThrow);
  if (scratch === null) return undefined;
  const some = someFeatures(whole, world);
  const former = await create(made(some), world, project.folder);
  const reused = await create(made(whole), world, project.folder, former);
  const taken = requireService(some, world.service).features.map(({ name }) => name);
  return (
    differs(reused.reused?.features.toSorted(), notLacking(scratch, taken).toSorted(), 'what was reused') ??
    differs(scratch.immature ?? [], expectedImmature(world), 'rows that had not matured') ??
    differs(parts(reused), parts(scratch), 'parts') ??
    differs(described(reused), described(scratch), 'manifest')
  );
}

/** What a warning tells of is computed anew, and a label that had not matured everywhere. */
const notLacking = (
  { warnings = [], features = [], immature = [] }: Dataset,
  names: readonly string[],
): readonly string[] =>
  names.filter((name) => {
    if (immature.some((label) => label.name === name && label.rows > 0)) return false;
    const view = features.find((feature) => feature.name === name)?.feature.split(':')[0];
    return !warnings.some((warning) => warning.startsWith(`view ${view}: `));
  });

const parts = (dataset: Dataset) => dataset.parts.map(({ rows, sha256 }) => [rows, sha256]);

const described = ({ startedAt, immature, columns, rows, warnings, labels, sources, features }: Dataset) => ({
  startedAt,
  immature,
  columns,
  rows,
  warnings,
  labels,
  sources,
  features,
});

function differs(got: unknown, want: unknown, what: string): string | undefined {
  const [left, right] = [JSON.stringify(got), JSON.stringify(want)];
  return left === right ? undefined : `${what}: found ${left}, expected ${right}`;
}

const numbered = (catalog: Catalog): Catalog => ({ ...catalog, serviceVersions: numberServices(null, catalog) });

/** About half, in another order; at least one. */
function someFeatures(catalog: Catalog, world: RandomWorld): Catalog {
  const random = new Random(world.seed);
  const service = requireService(catalog, world.service);
  const chosen = service.features.filter(() => random.chance(0.5)).toReversed();
  const features = chosen.length === 0 ? service.features.slice(0, 1) : chosen;
  return numbered({ ...catalog, services: new Map([[service.name, { ...service, features }]]) });
}

const invalidOrThrow = (error: unknown): null => {
  if (error instanceof Error && 'code' in error && error.code === 'INVALID_VALUE') return null;
  throw error;
};

interface Place {
  readonly folder: string;
  readonly store: FileObjectStore;
  /** The clock. */
  readonly builtMicros: bigint;
}

function datasetsOf({ folder, store, builtMicros }: Place, catalog: Catalog): Datasets {
  return createDatasets({
    catalog: async () => catalog,
    erasures: async () => [],
    store,
    sourceFiles: new FileSourceFiles(folder),
    engine: createDuckdbEngine({ memoryBytes: 2 ** 30, threads: 1 }),
    leases: grantAll,
    arrow: {
      toParquet: () => Promise.reject(new Error('no Arrow')),
      fromParquet: () => Promise.reject(new Error('no Arrow')),
    },
    labelLimits: OWN_LABELS,
    nowMicros: () => builtMicros,
    signal: new AbortController().signal,
  });
}

const create = (datasets: Datasets, world: RandomWorld, folder: string, reuse?: Dataset): Promise<Dataset> =>
  datasets.create({
    service: world.service,
    labels: { kind: 'file', path: join(folder, 'labels.jsonl'), timestampUnit: null },
    timestampColumn: world.labels.timestampColumn,
    ...{ name: null, outPath: null },
    ...(reuse === undefined ? {} : { reuse }),
  });
