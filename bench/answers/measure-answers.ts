// One set of features, read with the SDK over HTTP from a server in a thread of its own: microseconds per lookup, for each
// count of entities, as JSON.
//   node bench/answers/measure-answers.ts SET FEATURES SEED MILLIS
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { isNumericType } from '../../schemas/types.ts';
import { type LookupColumnsRequest, PlumbClient } from '../../sdk/typescript/src/index.ts';
import type { ServedSet } from './answers-server.ts';
import { featureSet } from './feature-sets.ts';

export interface AnswersRun {
  readonly entities: number;
  readonly bytes: { readonly json: number; readonly arrow: number };
  readonly micros: Readonly<Record<Reading, Micros>>;
}

/** Per lookup: the wall clock, and the processor time of both ends. */
export interface Micros {
  readonly wall: number;
  readonly server: number;
  readonly sdk: number;
}

const READINGS = ['rows by JSON', 'rows by Arrow', 'columns by JSON', 'columns by Arrow'] as const;
export type Reading = (typeof READINGS)[number];

const UNTIL = '2026-01-08T00:00:00Z';
const KEYS = 1000;
const [set = '', features = '', seed = '', millis = ''] = process.argv.slice(2);
const served: ServedSet = { set, featureCount: Number(features), keys: KEYS, seed: Number(seed), until: UNTIL };
const { schema } = featureSet(set, served.featureCount, 1, served.seed);
const names = schema.map(({ name, type }) => ({ name: `wide__${name}`, isNumeric: isNumericType(type) }));

const server = new Worker(new URL('./answers-server.ts', import.meta.url), { workerData: served });
const [url] = (await once(server, 'message')) as [string];
const received = { bytes: 0 };
const client = new PlumbClient({
  url,
  fetch: async (...args) => {
    const response = await fetch(...args);
    received.bytes = Number(response.headers.get('content-length'));
    return response;
  },
});

const runs: AnswersRun[] = [];
for (const entities of [1, 10, 100, 1000]) runs.push(await measure(entities));
process.stdout.write(JSON.stringify(runs));
await server.terminate();

async function measure(count: number): Promise<AnswersRun> {
  const entities = Array.from({ length: count }, (_value, key) => ({ user_id: key }));
  const readings = readingsOf({ features: ['wide:*'], entities, at: UNTIL });
  const micros: Partial<Record<Reading, Micros>> = {};
  for (const name of READINGS) {
    await repeat(readings[name], Number(millis) / 2);
    micros[name] = await repeat(readings[name], Number(millis));
  }
  await readings['rows by JSON']();
  const json = received.bytes;
  await readings['rows by Arrow']();
  return { entities: count, bytes: { json, arrow: received.bytes }, micros: micros as AnswersRun['micros'] };
}

function readingsOf(request: LookupColumnsRequest): Readonly<Record<Reading, () => Promise<unknown>>> {
  return {
    'rows by JSON': async () => (await client.lookup(request)).rows,
    'rows by Arrow': async () => {
      const answer = await client.lookupColumns(request);
      const values = names.map(({ name }) => answer.values(name));
      return Array.from({ length: answer.numRows }, (_value, row) => values.map((column) => column[row]));
    },
    'columns by JSON': async () => {
      const { rows } = await client.lookup(request);
      return names.map(({ isNumeric }, column) =>
        isNumeric
          ? Float64Array.from(rows, (row) => (row[column] === null ? Number.NaN : Number(row[column])))
          : rows.map((row) => row[column]),
      );
    },
    'columns by Arrow': async () => {
      const answer = await client.lookupColumns(request);
      return names.map(({ name, isNumeric }) => answer[isNumeric ? 'numbers' : 'values'](name));
    },
  };
}

async function repeat(work: () => Promise<unknown>, untilMillis: number): Promise<Micros> {
  const [wallStart, allStart, sdkStart] = [performance.now(), process.cpuUsage(), process.threadCpuUsage()];
  for (let done = 1; ; done += 1) {
    await work();
    const wallMillis = performance.now() - wallStart;
    if (wallMillis < untilMillis) continue;
    const all = sum(process.cpuUsage(allStart));
    const sdk = sum(process.threadCpuUsage(sdkStart));
    // Threads of the garbage collector, which serve both, count as the server's.
    return { wall: (1000 * wallMillis) / done, server: (all - sdk) / done, sdk: sdk / done };
  }
}

function sum({ user, system }: { readonly user: number; readonly system: number }): number {
  return user + system;
}
