// A random source through apply, a training set, a materialization and lookups: right values, or a clear refusal.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../../src/lossless-json.ts';
import { formatInstant, parseInstant } from '../oracle/instants.ts';
import { readValue, sameValue } from '../oracle/values.ts';
import { engineWords, faultOfError } from './clean-errors.ts';
import { FuzzProject } from './fuzz-project.ts';
import { PyarrowWriter } from './pyarrow-writer.ts';
import { type Expected, expectedOf, verdictOf } from './source-oracle.ts';
import { type SourceWorld, sourceWorld } from './source-world.ts';
import type { TryWorld } from './trial.ts';
import { instantAt, writeSource } from './write-source.ts';

const UNTIL = '2026-02-01T00:00:00Z';

/** Files of one's own. */
export const openSourceTrial = async (): Promise<{ readonly tryWorld: TryWorld } & AsyncDisposable> => ({
  tryWorld: (seed) => trySource(sourceWorld(seed, 'duckdb'), null),
  [Symbol.asyncDispose]: async () => {},
});

/** Parquet as pyarrow writes it. */
export async function openPyarrowTrial(): Promise<{ readonly tryWorld: TryWorld } & AsyncDisposable> {
  const pyarrow = await PyarrowWriter.start();
  return {
    tryWorld: (seed) => trySource(sourceWorld(seed, 'pyarrow'), pyarrow),
    [Symbol.asyncDispose]: () => pyarrow[Symbol.asyncDispose](),
  };
}

async function trySource(world: SourceWorld, pyarrow: PyarrowWriter | null): Promise<string | undefined> {
  await using project = await FuzzProject.create(world.projectFolder, world.storage);
  await writeSource(project.folder, world, pyarrow);
  const expected = expectedOf(world);
  const fault = await faultOf(project, world, expected);
  return fault === undefined ? undefined : `${fault}\n  ${describe(world)}`;
}

async function faultOf(project: FuzzProject, world: SourceWorld, expected: Expected): Promise<string | undefined> {
  const verdict = verdictOf(expected);
  const applied = await outcome(() => project.apply(definitionsOf(world, expected)));
  if ('error' in applied) return judged('apply', applied.error, verdict);
  return (await trainingFault(project, world, expected)) ?? (await servingFault(project, world, expected));
}

async function trainingFault(
  project: FuzzProject,
  world: SourceWorld,
  expected: Expected,
): Promise<string | undefined> {
  const labels = expected.rows.map(({ key }) => `{"k":${keyJson(world, key)},"event_timestamp":"${UNTIL}"}\n`);
  await writeFile(join(project.folder, 'labels.jsonl'), labels.join(''));
  const made = await outcome(() => project.dataset('labels.jsonl'));
  if ('error' in made) return judged('training', made.error, verdictOf(expected));
  const rows = made.value.map((line) => parseJson(line, 'a line') as Record<string, unknown>);
  return valuesFault(
    'training',
    expected,
    rows.map((row) => row.view__v),
  );
}

async function servingFault(project: FuzzProject, world: SourceWorld, expected: Expected): Promise<string | undefined> {
  const ran = await outcome(() => project.materialize(UNTIL));
  if ('error' in ran) return judged('materialize', ran.error, verdictOf(expected));
  const failed = ran.value.find((run) => run.outcome !== 'succeeded');
  if (failed !== undefined) return noticeFault(failed.notice ?? '', verdictOf(expected));
  const entities = expected.rows.map(({ key }) => ({ k: world.keyType === 'int64' ? BigInt(key) : key }));
  const answer = await project.lookup(entities, UNTIL);
  const times = answer.eventTimes?.map((row) => row[0]);
  const at = expected.rows.findIndex(({ minute }, i) => times?.[i] !== formatInstant(parseInstant(instantAt(minute))));
  if (at >= 0) return `serving: event time ${times?.[at]}, expected ${instantAt(expected.rows[at]?.minute ?? 0)}`;
  return valuesFault(
    'serving',
    expected,
    answer.rows.map((row) => row[0]),
  );
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

async function outcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

function judged(where: string, error: unknown, verdict: string): string | undefined {
  const message = error instanceof Error ? error.message : String(error);
  if (verdict === 'exact') return `${where}: refused without a reason: ${message.slice(0, 500)}`;
  const fault = faultOfError(error) ?? unnamed(message);
  return fault === undefined ? undefined : `${where}: ${fault}`;
}

/** The column, and the file unless all of them are alike, stand in the message. */
function unnamed(message: string): string | undefined {
  if (!/\bv\b/.test(message)) return `the column v is not named: ${message}`;
  if (/\bf\d\.\w+|, undeclared\)|expected: a column of source/.test(message)) return undefined;
  return `no file is named: ${message}`;
}

function noticeFault(notice: string, verdict: string): string | undefined {
  if (verdict === 'exact') return `materialize: refused without a reason: ${notice.slice(0, 500)}`;
  const words = engineWords(notice);
  return words === undefined ? undefined : `materialize: the engine's words "${words}": ${notice.slice(0, 500)}`;
}

function valuesFault(where: string, { type, rows }: Expected, got: readonly unknown[]): string | undefined {
  if (got.length !== rows.length) return `${where}: ${got.length} rows, expected ${rows.length}`;
  for (const [i, { key, reading }] of rows.entries()) {
    const shown = `${where}: ${key} reads as ${show(got[i])}`;
    if (type === null || reading.value === undefined) return `${shown}, expected a refusal`;
    if (!isSame(type, got[i], reading.value)) return `${shown}, expected ${show(reading.value)} (${type})`;
  }
  return undefined;
}

function isSame(type: string, got: unknown, want: unknown): boolean {
  try {
    return sameValue(readValue(type, got), readValue(type, want));
  } catch {
    return false;
  }
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item)) ?? 'nothing';

const keyJson = ({ keyType }: SourceWorld, key: string): string => (keyType === 'int64' ? key : JSON.stringify(key));

function definitionsOf(world: SourceWorld, { type }: Expected): object {
  const { format, keyType, declared, delimiter } = world;
  const columns = declared === null ? {} : { columns: { k: keyType, ts: 'timestamp', v: declared } };
  return {
    entities: [{ name: 'thing', joinKeys: [{ name: 'k', type: keyType }] }],
    sources: [
      {
        name: 'rows',
        kind: 'batch',
        path: 'data/**/f*',
        format,
        timestampColumn: 'ts',
        ...columns,
        ...(delimiter === ',' ? {} : { delimiter }),
      },
    ],
    featureViews: [
      {
        name: 'view',
        kind: 'row',
        entities: ['thing'],
        source: 'rows',
        features: [{ name: 'v', type: type ?? 'string' }],
      },
    ],
    featureServices: [{ name: 'all', features: ['view:*'] }],
  };
}

function describe({ format, declared, projectFolder, storage, delimiter, files }: SourceWorld): string {
  const shown = files.map(({ path, type, rows, lacks, options }) => {
    const cells = rows.map(({ cell }) => cell.text).join(' | ');
    return `${path} ${type?.spelled ?? ''}${lacks === null ? '' : ' without v'} ${JSON.stringify(options)}: ${cells}`;
  });
  return `${format} declared ${declared} in "${projectFolder}", storage "${storage}", delimiter "${delimiter}"\n  ${shown.join('\n  ')}`;
}
