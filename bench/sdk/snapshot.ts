// A training set of random doubles, in parts as the engine writes them, and a server that gives it out as Plumb does.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Dataset } from '../../schemas/wire-types.ts';
import { openDuckdb, text } from '../duckdb.ts';

/** As src/offline/duckdb writes them. */
const PART_ROWS = 1_000_000;
export const COLUMNS = Array.from({ length: 20 }, (_, i) => `v${i}`);

export interface StoredSnapshot {
  readonly manifest: Dataset;
  readonly paths: readonly string[];
}

export async function storedSnapshot(folder: string, rows: number, seed: number): Promise<StoredSnapshot> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  const parts: Dataset['parts'][number][] = [];
  for (let first = 0; first < rows; first += PART_ROWS) {
    const count = Math.min(PART_ROWS, rows - first);
    const path = await storedPart(folder, first, count, seed);
    parts.push({ path, rows: count, sizeBytes: (await stat(path)).size, sha256: await sha256(path) });
    paths.push(path);
  }
  const columns = COLUMNS.map((name) => ({ name, type: 'float64', physical: 'DOUBLE' }) as const);
  const labels = { file: 'labels', sha256: '', timestampColumn: 'event_timestamp', interval: null };
  const names = { kind: 'dataset', name: 'bench', version: 1, project: 'bench', service: 'bench' } as const;
  const manifest = { ...names, createdAt: '', registryVersion: 1, columns, rows, labels, sources: [], parts };
  return { manifest, paths };
}

async function storedPart(folder: string, first: number, rows: number, seed: number): Promise<string> {
  const path = join(folder, `snapshot-${first}-${rows}-seed-${seed}.parquet`);
  if (existsSync(path)) return path;
  using duckdb = await openDuckdb();
  const draw = (c: number): string =>
    `((hash(i * 32 + ${c} + ${seed} * CAST(1e15 AS BIGINT)) >> 11) / 9007199254740992.0)`;
  const items = COLUMNS.map((name, c) => `${draw(c)} AS ${name}`).join(', ');
  const select = `SELECT ${items} FROM range(${first}, ${first + rows}) r(i)`;
  await duckdb.run(`COPY (${select}) TO ${text(`${path}.partial`)} (FORMAT parquet, COMPRESSION zstd)`);
  await rename(`${path}.partial`, path);
  return path;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

export interface SnapshotServer extends AsyncDisposable {
  readonly url: string;
}

export async function serveSnapshot({ manifest, paths }: StoredSnapshot): Promise<SnapshotServer> {
  const server = createServer((request, response) => {
    const part = /\/parts\/(\d+)$/.exec(request.url ?? '')?.[1];
    const path = paths[Number(part)];
    if (part === undefined || path === undefined) return void response.end(JSON.stringify(manifest));
    const size = manifest.parts[Number(part)]?.sizeBytes ?? 0;
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const [start, end] = range === null ? [0, size - 1] : [Number(range[1]), Number(range[2])];
    response.writeHead(range === null ? 200 : 206, { 'content-length': end - start + 1 });
    // Runs that are ended leave broken connections behind.
    pipeline(createReadStream(path, { start, end, highWaterMark: 1 << 20 }), response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
