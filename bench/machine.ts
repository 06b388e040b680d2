// What a result is worth knowing with: the machine and the versions.
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { openDuckdb } from './duckdb.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  readonly duckdb: string;
  readonly plumb: string;
}

export async function describeMachine(): Promise<Machine> {
  using duckdb = await openDuckdb();
  const version = (await duckdb.rows('SELECT version() AS version'))[0]?.version;
  const packageFile = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    duckdb: String(version),
    plumb: (JSON.parse(packageFile) as { readonly version: string }).version,
  };
}
