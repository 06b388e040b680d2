// Training sets as the engine writes them: Parquet parts with zstd, and the manifest that names them.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Dataset } from '../../schemas/wire-types.ts';

export interface PartFiles {
  readonly manifest: Dataset;
  /** Absolute paths, as in the manifest's parts. */
  readonly paths: readonly string[];
}

export interface PartsOptions {
  readonly folder: string;
  readonly name: string;
  readonly version?: number;
  readonly service?: string;
  /** One SELECT per part. */
  readonly selects: readonly string[];
  /** Rows of a row group; default: the engine's. */
  readonly rowGroupRows?: number;
}

export async function writeParts(options: PartsOptions): Promise<PartFiles> {
  const { folder, name, version = 1, service = 'ranking', selects, rowGroupRows } = options;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  try {
    const paths: string[] = [];
    const parts: Dataset['parts'][number][] = [];
    for (const [n, select] of selects.entries()) {
      const path = join(folder, `${name}-${version}-part-${String(n).padStart(5, '0')}.parquet`);
      const size = rowGroupRows === undefined ? '' : `, ROW_GROUP_SIZE ${rowGroupRows}`;
      await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet, COMPRESSION zstd${size})`);
      const rows = await countRows(connection, path);
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      parts.push({ path: `part-${n}.parquet`, rows, sizeBytes: (await stat(path)).size, sha256 });
      paths.push(path);
    }
    const columns = await describe(connection, selects[0] ?? '');
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    return { paths, manifest: manifestOf({ name, version, service, rows, columns, parts }) };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function countRows(connection: DuckDBConnection, path: string): Promise<number> {
  const found = await connection.runAndReadAll(`SELECT count(*)::INT FROM '${path}'`);
  return Number(found.getRows()[0]?.[0]);
}

async function describe(connection: DuckDBConnection, select: string): Promise<Dataset['columns']> {
  const found = await connection.runAndReadAll(`DESCRIBE ${select}`);
  return found.getRows().map(([name, physical]) => ({ name: String(name), type: 'label', physical: String(physical) }));
}

type Varying = Pick<Dataset, 'name' | 'version' | 'service' | 'rows' | 'columns' | 'parts'>;

const manifestOf = (varying: Varying): Dataset => ({
  kind: 'dataset',
  createdAt: '2026-01-08T00:00:00Z',
  project: 'shop',
  registryVersion: 1,
  labels: { file: 'labels', sha256: '0'.repeat(64), timestampColumn: 'event_timestamp', interval: null },
  sources: [],
  ...varying,
});
