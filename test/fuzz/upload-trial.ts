// Random labels over HTTP, as columns in JSON and as Arrow streams: the job makes the set that the labels ask for, or they
// are refused clearly, at once or by the job.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetJob, ErrorBody } from '../../schemas/wire-types.ts';
import { Random } from '../oracle/random.ts';
import { arrowLabels, EXTRAS } from './arrow-labels.ts';
import { faultOfMessage } from './clean-errors.ts';
import { FuzzServer } from './fuzz-server.ts';
import { DEFINITIONS, USERS } from './label-project.ts';
import { extraFault, keyJson, rowFault } from './label-trial.ts';
import { type LabelWorld, labelWorld } from './label-world.ts';
import { isSameValue, parseDigits } from './same-digits.ts';
import type { TryWorld } from './trial.ts';
import { rowsAsJson } from './write-source.ts';

export const UNTIL = '2026-02-01T00:00:00Z';
export const LABEL_PROJECT: Readonly<Record<string, string>> = {
  'plumb.yaml': 'project: fuzz\nengine: { kind: duckdb, threads: 1 }\n',
  'features/fuzz.json': JSON.stringify(DEFINITIONS),
  'data/users.jsonl': USERS,
};

export async function openUploadTrial(): Promise<{ readonly tryWorld: TryWorld } & AsyncDisposable> {
  const server = await FuzzServer.start(LABEL_PROJECT, UNTIL);
  return {
    tryWorld: (seed) => (seed % 2 === 0 ? tryColumns(server, labelWorld(seed, ['jsonl'])) : tryArrow(server, seed)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

interface Made {
  /** One JSON object a row. */
  readonly lines?: readonly string[];
  readonly error?: ErrorBody['error'];
}

async function create(
  server: FuzzServer,
  path: string,
  type: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Made> {
  const response = await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
  if (response.status !== 202) return (await response.json()) as ErrorBody;
  const job = (await server.ended((await response.json()) as DatasetJob)) as DatasetJob;
  if (job.error !== null) return { error: job.error };
  const part = await fetch(`${server.url}/v1/datasets/${job.result?.name}/${job.result?.version}/parts/0`);
  // Of a name of its own: an engine may know a file by its name.
  const file = join(server.folder, `${job.id}.parquet`);
  await writeFile(file, await part.bytes());
  const lines = await rowsAsJson(file);
  await rm(file);
  return { lines };
}

async function tryColumns(server: FuzzServer, world: LabelWorld): Promise<string | undefined> {
  const { rows } = world;
  const column = (name: string, cells: readonly string[]): string => `"${name}":[${cells.join(',')}]`;
  const columns = [
    column(
      'user_id',
      rows.map(({ key }) => keyJson(key)),
    ),
    column(
      'event_timestamp',
      rows.map(({ at }) => JSON.stringify(at)),
    ),
    column(
      'extra',
      rows.map(({ extra }) => extra),
    ),
  ];
  const body = `{"service":"all","labels":{"columns":{${columns.join(',')}}}}`;
  const { lines, error } = await create(server, '/v1/datasets', 'application/json', body);
  const fault =
    lines === undefined
      ? refusalFault(world.isCalm, error)
      : madeFault(lines, rows, (row, got) => extraFault(world, row, got));
  return fault === undefined ? undefined : `${fault}\n  ${JSON.stringify(world)}`;
}

async function tryArrow(server: FuzzServer, seed: number): Promise<string | undefined> {
  // Seconds are the coarsest unit that is sent.
  const rows = labelWorld(seed, ['parquet']).rows.map((row) => ({ ...row, at: row.at.replace(/\.\d+/, '') }));
  const random = new Random(seed);
  const { type, cells } = random.pick(EXTRAS);
  const extras = rows.map(() => (random.chance(0.1) ? ([null, null] as const) : random.pick(cells)));
  const body = arrowLabels(random, rows, { type, values: extras.map(([value]) => value) });
  const path = '/v1/datasets?service=all';
  const { lines, error } = await create(server, path, 'application/vnd.apache.arrow.stream', body);
  const fault =
    lines === undefined
      ? refusalFault(true, error)
      : madeFault(lines, rows, (_row, got, i) =>
          isSameValue(got, extras[i]?.[1]) ? undefined : `extra ${String(extras[i]?.[0])} of ${type} became another`,
        );
  return fault === undefined ? undefined : `${fault}\n  ${type}: ${JSON.stringify(rows)}`;
}

function refusalFault(isCalm: boolean, error: Made['error']): string | undefined {
  if (error === undefined) return 'neither rows nor an error';
  if (isCalm) return `refused without a reason: ${error.code} ${error.message}`;
  const names = /user_id|event_timestamp|extra|line 1, column \d/.test(error.message);
  return faultOfMessage(error.code, error.message) ?? (names ? undefined : `no column is named: ${error.message}`);
}

function madeFault(
  lines: readonly string[],
  rows: LabelWorld['rows'],
  extraFaultOf: (row: LabelWorld['rows'][number], got: unknown, index: number) => string | undefined,
): string | undefined {
  if (lines.length !== rows.length) return `${lines.length} rows, expected ${rows.length}`;
  for (const [i, row] of rows.entries()) {
    const got = parseDigits(lines[i] ?? '') as Record<string, unknown>;
    const fault = rowFault(row, got) ?? extraFaultOf(row, got.extra, i);
    if (fault !== undefined) return `row ${i}: ${fault}; it is ${lines[i]}`;
  }
  return undefined;
}
