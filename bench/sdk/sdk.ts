// Reading a training set of many rows × twenty float64 over HTTP with the SDK: rows per second and peak memory, beside
// bare fetch and parquet-wasm. A set three times as large shows what the loops hold.
import { join } from 'node:path';
import { measure, type Run } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { type Bench, gibibytes, median, peakOf, runText, say, seconds, thousands } from '../results.ts';
import { COLUMNS, serveSnapshot, storedSnapshot } from './snapshot.ts';

const READER = join(import.meta.dirname, 'reader.ts');
const METHODS = ['fetch + parquet-wasm', 'table', 'table, unverified', 'batches', 'rows'] as const;
const LOOPS = ['batches', 'rows'] as const;

interface ReadRun extends Run {
  readonly method: string;
  readonly rows: number;
  readonly readSeconds: number;
  readonly readCpuSeconds: number;
}

interface Found {
  readonly rows: number;
  readonly sum: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export async function sdkBench(options: Options): Promise<Bench> {
  const table = [['method', 'rows × float64', 'wall', 'rows/s', 'CPU', 'rows per CPU second', 'peak memory']];
  const raw: ReadRun[] = [];
  for (const [rows, methods] of [
    [options.rows, METHODS],
    [3 * options.rows, LOOPS],
  ] as const) {
    const runs = await readAll(options, rows, methods);
    raw.push(...runs);
    for (const method of methods) table.push(tableRow(runs.filter((run) => run.method === method)));
  }
  return { name: 'sdk', table, raw };
}

/** Methods take turns, so that a busy time of the machine hits all. */
async function readAll(options: Options, rows: number, methods: readonly string[]): Promise<ReadRun[]> {
  const snapshot = await storedSnapshot(options.dataFolder, rows, options.seed);
  await using server = await serveSnapshot(snapshot);
  const runs: ReadRun[] = [];
  let sum: number | null = null;
  for (let i = 0; i < options.runs; i += 1) {
    for (const method of methods) {
      const { stdout, ...run } = await measure({
        args: [READER, method, server.url],
        cwd: import.meta.dirname,
        timeoutSeconds: options.timeoutSeconds,
      });
      if (run.outcome !== 'ok') throw new Error(`sdk ${method}: ${runText(run)}`);
      const found = JSON.parse(stdout) as Found;
      sum ??= found.sum;
      // Added up in another order.
      if (found.rows !== rows || Math.abs(found.sum - sum) > 1e-6 * sum)
        throw new Error(
          `sdk ${method}: read ${found.rows} rows with the sum ${found.sum}, expected ${rows} and ${sum}`,
        );
      runs.push({ ...run, method, rows, readSeconds: found.seconds, readCpuSeconds: found.cpuSeconds });
      say(
        `sdk ${method}, ${thousands(rows)} × ${COLUMNS.length}: ${seconds(found.seconds)} s reading, cpu ${seconds(found.cpuSeconds)} s; process ${runText(run)}`,
      );
    }
  }
  return runs;
}

function tableRow(runs: readonly ReadRun[]): string[] {
  const middle = median(runs.map((run) => ({ ...run, wallSeconds: run.readSeconds })));
  const middleCpu = median(runs.map((run) => ({ ...run, wallSeconds: run.readCpuSeconds }))).readCpuSeconds;
  return [
    middle.method,
    `${thousands(middle.rows)} × ${COLUMNS.length}`,
    `${seconds(middle.readSeconds)} s`,
    thousands(middle.rows / middle.readSeconds),
    `${seconds(middleCpu)} s`,
    thousands(middle.rows / middleCpu),
    gibibytes(peakOf(runs)),
  ];
}
