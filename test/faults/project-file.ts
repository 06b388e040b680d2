// The files of a history's project: project file, definitions of each variant, sources that grow file by file, labels.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceDefinition } from '../oracle/world.ts';
import { jsonLines } from '../property/table-files.ts';
import { tableOf } from './fault-world.ts';
import type { FaultWorld } from './history.ts';

export const PROJECT = 'faults';
export const STORAGE_FOLDER = '.plumb';
export const LABELS_FILE = 'labels.jsonl';
/** Short, so that processes that died or stand still are overtaken while a history runs. */
export const LEASE_TERM_MILLIS = 2000;

/** As little as gc may leave: the newest of everything, and what that needs. The grace period is that of every project. */
export const KEPT_SNAPSHOTS = 1;
export const KEPT_DATASETS = 1;
const RETENTION = { snapshots: { keep: KEPT_SNAPSHOTS, maxAge: '2d' }, datasets: { keep: KEPT_DATASETS } };

/** `sections`: keys of the project file, of online store and storage. */
export async function writeProject(
  folder: string,
  world: FaultWorld,
  sections: Readonly<Record<string, unknown>>,
): Promise<void> {
  const project = {
    project: PROJECT,
    leaseTermMillis: LEASE_TERM_MILLIS,
    engine: { kind: 'duckdb', threads: 1, memoryLimit: '512MB' },
    retention: RETENTION,
  };
  await writeFile(join(folder, 'plumb.yaml'), JSON.stringify({ ...project, ...sections }, null, 1));
  for (const [i, definitions] of world.variants.entries()) {
    const sources = definitions.sources.map((source) => ({ ...source, path: `data/${source.name}/*.jsonl` }));
    await mkdir(join(folder, definitionsFolder(i)));
    await writeFile(
      join(folder, definitionsFolder(i), 'all.json'),
      JSON.stringify({ ...definitions, sources }, null, 1),
    );
  }
  await writeFile(join(folder, LABELS_FILE), jsonLines(world.labels));
  for (const source of sourcesOf(world)) await mkdir(join(folder, 'data', source.name), { recursive: true });
  await writeChunk(folder, world, 0);
}

export const definitionsFolder = (variant: number): string => `definitions-${variant}`;

export const sourcesOf = (world: FaultWorld): readonly SourceDefinition[] => world.variants[0]?.sources ?? [];

const CHUNK_FILE = /rows-(\d+)\.jsonl$/;

/** One more file for each source, there at once: what a run read is told by the files that its manifest names. */
export async function writeChunk(folder: string, world: FaultWorld, chunk: number): Promise<void> {
  for (const source of sourcesOf(world)) {
    const file = join(folder, 'data', source.name, `rows-${chunk}.jsonl`);
    await writeFile(`${file}.new`, jsonLines(tableOf(source, world.chunks[chunk]?.[source.name] ?? [])));
    await rename(`${file}.new`, file);
  }
}

/** The chunk that a source file of a manifest is. */
export function chunkOfFile(path: string): number {
  const chunk = CHUNK_FILE.exec(path)?.[1];
  if (chunk === undefined) throw new Error(`a manifest names the source file ${path}, which no history writes`);
  return Number(chunk);
}
