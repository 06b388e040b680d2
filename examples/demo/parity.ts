// Training answers beside served ones. Floats may differ by the order of their additions, within 1e-9; all else is equal
// or it is not.
import { readFile } from 'node:fs/promises';

export type Row = Readonly<Record<string, unknown>>;

/** The JSON Lines that `dataset create --out` writes. */
export const readRows = async (file: string): Promise<readonly Row[]> =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

interface Answer {
  readonly features: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly asOf?: Readonly<Record<string, string>>;
}

const BATCH = 500;

/** One row per entity, as the server answers at that instant. */
export async function lookUp(
  url: string,
  service: string,
  entities: readonly Row[],
  at: string,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let start = 0; start < entities.length; start += BATCH) {
    const { features, rows: values } = await post(url, { service, entities: entities.slice(start, start + BATCH), at });
    rows.push(...values.map((row) => Object.fromEntries(features.map((name, i) => [name, row[i]]))));
  }
  return rows;
}

/** Of each view of the service, the instant of the run that its answers come from. */
export const runsBehind = async (url: string, service: string, entity: Row): Promise<Answer['asOf']> =>
  (await post(url, { service, entities: [entity], asOf: true })).asOf;

async function post(url: string, body: object): Promise<Answer> {
  const response = await fetch(`${url}/v1/online-features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

export interface Comparison {
  readonly values: number;
  readonly equal: number;
  /** Of the equal ones: same digits to the last. */
  readonly identical: number;
  /** The first few that differ, as text. */
  readonly differences: readonly string[];
}

/** Every served value against the training row of the same position. */
export function compare(training: readonly Row[], served: readonly Row[]): Comparison {
  const differences: string[] = [];
  let [values, equal, identical] = [0, 0, 0];
  if (training.length !== served.length) differences.push(`${training.length} training rows, ${served.length} served`);
  for (const [i, row] of served.entries()) {
    for (const [name, value] of Object.entries(row)) {
      const wanted = training[i]?.[name];
      values++;
      if (JSON.stringify(wanted) === JSON.stringify(value)) identical++;
      if (isEqual(wanted, value)) equal++;
      else if (differences.length < 5)
        differences.push(`row ${i}, ${name}: ${show(wanted)} trained, ${show(value)} served`);
    }
  }
  return { values, equal, identical, differences };
}

function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return JSON.stringify(a) === JSON.stringify(b);
  if (Number.isInteger(a) && Number.isInteger(b)) return a === b;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

export const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
