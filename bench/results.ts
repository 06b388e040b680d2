// Raw values of every single run, kept as JSON, and tables for people.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import type { Run } from './measured-process.ts';
import type { Options } from './options.ts';

export interface Bench {
  readonly name: string;
  /** Rows of the Markdown table, the first one being its head. */
  readonly table: readonly (readonly string[])[];
  /** What the table was made from. */
  readonly raw: unknown;
}

/** `<date>-<name>.json`; quick runs prove nothing and are not kept in the repository. */
export async function saveResult(options: Options, machine: Machine, bench: Bench): Promise<string | null> {
  if (options.quick && options.resultsFolder.startsWith(import.meta.dirname)) return null;
  const { dataFolder: _, resultsFolder, ...settings } = options;
  const at = new Date().toISOString();
  await mkdir(resultsFolder, { recursive: true });
  const name = `${at.slice(0, 10)}-${bench.name}.json`;
  const document = { bench: bench.name, at, machine, settings, table: bench.table, raw: bench.raw };
  await writeFile(join(resultsFolder, name), `${JSON.stringify(document, null, 2)}\n`);
  return name;
}

export const markdown = ([head = [], ...rows]: Bench['table']): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** The run in the middle by wall time; of an even number, the slower of the two. */
export function median<T extends Run>(runs: readonly T[]): T {
  const middle = runs.toSorted((a, b) => a.wallSeconds - b.wallSeconds)[Math.floor(runs.length / 2)];
  if (middle === undefined) throw new Error('no runs');
  return middle;
}

/** Of an even number, the larger of the two. */
export function middle(values: readonly number[]): number {
  const value = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (value === undefined) throw new Error('no values');
  return value;
}

export const peakOf = (runs: readonly Run[]): number | null => {
  const peaks = runs.flatMap(({ peakBytes }) => (peakBytes === null ? [] : [peakBytes]));
  return peaks.length === 0 ? null : Math.max(...peaks);
};

export const seconds = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));
export const gibibytes = (bytes: number | null): string =>
  bytes === null ? '?' : `${(bytes / 2 ** 30).toFixed(2)} GiB`;
export const thousands = (value: number): string => Math.round(value).toLocaleString('en-US');
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

export const runText = ({ outcome, wallSeconds, cpuSeconds, peakBytes, message }: Run): string => {
  const parts = [
    `${seconds(wallSeconds)} s`,
    `cpu ${cpuSeconds === null ? '?' : seconds(cpuSeconds)} s`,
    `peak ${gibibytes(peakBytes)}`,
  ];
  return `${outcome === 'ok' ? '' : `${outcome} after `}${parts.join(', ')}${message === null ? '' : `: ${message}`}`;
};
