// Random labels through `dataset create`: what passes through keeps its digits, features are those of key and instant, or
// the labels are refused clearly.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { faultOfError } from './clean-errors.ts';
import { FuzzProject } from './fuzz-project.ts';
import { DEFINITIONS, nameAt, USERS } from './label-project.ts';
import { type LabelRow, type LabelWorld, labelWorld } from './label-world.ts';
import { Digits, isSameValue, parseDigits } from './same-digits.ts';
import type { TryWorld } from './trial.ts';
import { copyTo } from './write-source.ts';

const FORMATS = ['csv', 'jsonl', 'parquet'] as const;

export async function openLabelTrial(): Promise<{ readonly tryWorld: TryWorld } & AsyncDisposable> {
  const project = await FuzzProject.create();
  await mkdir(join(project.folder, 'data'));
  await writeFile(join(project.folder, 'data/users.jsonl'), USERS);
  await project.apply(DEFINITIONS);
  return {
    tryWorld: (seed) => tryLabels(project, labelWorld(seed, FORMATS)),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

async function tryLabels(project: FuzzProject, world: LabelWorld): Promise<string | undefined> {
  const path = join(project.folder, world.path);
  await mkdir(dirname(path), { recursive: true });
  if (world.format === 'parquet') await copyTo(path, selectOf(world));
  else await writeFile(path, world.format === 'csv' ? csvOf(world.rows) : world.rows.map(jsonOf).join(''));
  const fault = await project.dataset(world.path).then(
    (lines) => linesFault(world, lines),
    (error: unknown) => refusalFault(world, error),
  );
  return fault === undefined ? undefined : `${fault}\n  ${JSON.stringify(world)}`;
}

function refusalFault({ isCalm }: LabelWorld, error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : String(error);
  if (isCalm) return `refused without a reason: ${message.slice(0, 500)}`;
  const names = /user_id|event_timestamp|extra|line \d/.test(message);
  return faultOfError(error) ?? (names ? undefined : `no column is named: ${message}`);
}

function linesFault(world: LabelWorld, lines: readonly string[]): string | undefined {
  if (lines.length !== world.rows.length) return `${lines.length} rows, expected ${world.rows.length}`;
  for (const [i, row] of world.rows.entries()) {
    const got = parseDigits(lines[i] ?? '') as Record<string, unknown>;
    const fault = rowFault(row, got) ?? extraFault(world, row, got.extra);
    if (fault !== undefined) return `row ${i}: ${fault}; it is ${lines[i]}`;
  }
  return undefined;
}

export function rowFault({ key, at }: LabelRow, got: Record<string, unknown>): string | undefined {
  const wantKey = key === '' ? null : new Digits(key);
  if (!isSameValue(got.user_id, wantKey)) return `key ${key} became another`;
  if (!isSameValue(got.event_timestamp, at)) return `instant ${at} became another`;
  const want = nameAt(key, at);
  return got.view__name === want ? undefined : `expected ${want} of key ${key} at ${at}`;
}

export function extraFault({ format, type }: LabelWorld, { extra }: LabelRow, got: unknown): string | undefined {
  return isSameValue(got, wantedExtra(format, type, extra)) ? undefined : `extra ${extra} became another`;
}

function wantedExtra(format: LabelWorld['format'], type: string, extra: string): unknown {
  // A fraction in JSON is a double.
  if (format === 'jsonl') return /^-?\d+\.\d+$/.test(extra) ? new Digits(String(Number(extra))) : parseDigits(extra);
  if (format === 'csv') return extra === '' ? null : extra.replace(/^"(.*)"$/s, '$1').replaceAll('""', '"');
  if (extra === 'NULL') return null;
  if (type.endsWith('[]')) return parseDigits(extra.toLowerCase());
  const text = extra.replaceAll("'", '');
  return type === 'BOOLEAN'
    ? text === 'true'
    : type === 'VARCHAR'
      ? text
      : /TIME|DATE/.test(type)
        ? text
        : new Digits(text);
}

const csvOf = (rows: readonly LabelRow[]): string =>
  ['user_id,event_timestamp,extra', ...rows.map(({ key, at, extra }) => `${key},${at},${extra}`), ''].join('\n');

/** A key that is no JSON number is text. */
export const keyJson = (key: string): string => (/^-?(\d+|1\.5|1e0)$/.test(key) ? key : JSON.stringify(key));

const jsonOf = ({ key, at, extra }: LabelRow): string =>
  `{"user_id":${keyJson(key)},"event_timestamp":"${at}","extra":${extra}}\n`;

const selectOf = ({ rows, type }: LabelWorld): string =>
  rows
    .map(
      ({ key, at, extra }) =>
        `SELECT ${key}::BIGINT AS user_id, '${at.replace('Z', '')}'::TIMESTAMP AS event_timestamp, CAST(${extra} AS ${type}) AS extra`,
    )
    .join(' UNION ALL ');
