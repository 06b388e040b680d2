// Runs one hand-written query in a process of its own, in the current folder:
//   node run-baseline.ts FILE.sql MEMORY THREADS "SQL of the effective time of t"
import { readFileSync } from 'node:fs';
import { openDuckdb } from './duckdb.ts';

const [file = '', memory = '', threads = '', effective = ''] = process.argv.slice(2);
using duckdb = await openDuckdb({ memory_limit: memory, threads, temp_directory: 'spill' });
await duckdb.run("SET TimeZone = 'UTC'");
await duckdb.run(`CREATE MACRO effective(t) AS ${effective}`);
await duckdb.run(readFileSync(file, 'utf8'));
