// A history of one row view that went well, put together by hand. Tests of checks break one thing of it at a time.
import { writeValue } from '../oracle/values.ts';
import type { Definitions } from '../oracle/world.ts';
import type { CommandEvent, Event, LookupEvent } from './event-log.ts';
import type { Evidence, StoredDataset, StoredPart, StoredRun } from './evidence.ts';
import type { Played } from './execute.ts';
import { POSITION } from './fault-world.ts';
import type { Command, FaultWorld } from './history.ts';
import { Model } from './model.ts';

export const T2 = '2026-01-01T02:00:00Z';
export const T6 = '2026-01-01T06:00:00Z';

const definitions = (where: object): Definitions => ({
  entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
  sources: [
    {
      ...{ name: 's', kind: 'batch', path: 'data/s/*.jsonl', format: 'jsonl', timestampColumn: 'ts' },
      columns: { user_id: 'int64', ts: 'timestamp', score: 'int64' },
    },
  ],
  featureViews: [
    { name: 'v', kind: 'row', entities: ['user'], source: 's', features: [{ name: 'score', type: 'int64' }], ...where },
  ],
  featureServices: [{ name: 'svc', features: ['v:*'] }],
});

export const WORLD: FaultWorld = {
  variants: [definitions({}), definitions({ where: 'score < 5' })],
  service: 'svc',
  chunks: [
    {
      s: [
        [1, '2026-01-01T01:00:00Z', 1],
        [2, '2026-01-01T01:00:00Z', 2],
      ],
    },
    {
      s: [
        [1, '2026-01-01T05:00:00Z', 5],
        [2, '2026-01-01T05:00:00Z', 6],
      ],
    },
  ],
  labels: {
    timestampColumn: 'at',
    columns: [
      ['user_id', 'int64'],
      ['at', 'timestamp'],
      [POSITION, 'int64'],
    ],
    rows: [
      [1, T2, 0],
      [2, T6, 1],
    ],
  },
  entities: [{ user_id: 1 }, { user_id: 2 }],
  ats: [T2, T6],
};

const part = (key: string): StoredPart => ({
  ...{ key, sizeBytes: 10, sha256: 'aa' },
  found: { sizeBytes: 10, sha256: 'aa' },
});

/** Runs are made while the command of their number lives. */
export const storedRun = (number: number, over: Partial<StoredRun> = {}): StoredRun => ({
  ...{ view: 'v', run: `0000000${number}`, chain: [`0000000${number}`], basedOn: null, generation: 'g-0' },
  ...{ mode: 'incremental', fingerprint: 'f', registryVersion: 1, until: T2, chunks: [0] },
  ...{ startedMillis: number * 100 + 10, createdMillis: number * 100 + 50 },
  parts: [part(`views/v/0000000${number}/part-0.parquet`)],
  ...over,
});

const RUN_1 = storedRun(1);
const RUN_2 = storedRun(2, { until: T6, chunks: [0, 1], basedOn: RUN_1.run, chain: [RUN_1.run, '00000002'] });

const DATASET: StoredDataset = {
  ...{ name: 'set', version: 1, registryVersion: 1, rowCount: 2, kept: false, chunks: { s: [0, 1] } },
  parts: [part('datasets/set/00000001/part-0.parquet')],
  columns: ['user_id', 'at', POSITION, 'v__score'],
  rows: [
    [1n, T2, 0n, 1n],
    [2n, T6, 1n, 6n],
  ],
};

const EVIDENCE: Evidence = {
  atMillis: 400,
  versions: [{ version: 1, variant: 0, fingerprints: { v: 'f' } }],
  runs: [RUN_1, RUN_2],
  datasets: [DATASET],
  live: [{ view: 'v', run: RUN_2.run, generation: 'g-0', token: RUN_2.run, watermarkMicros: '1767247200000000' }],
  leftovers: [],
};

/** Command number n lives from n00 to n90. */
export const command = (
  number: number,
  what: Command,
  said: object,
  over: Partial<CommandEvent> = {},
): CommandEvent => ({
  ...{ kind: 'command', command: what, harm: null, wasHarmed: false, hung: false, code: 0, err: '' },
  ...{ fromMillis: number * 100, toMillis: number * 100 + 90 },
  out: JSON.stringify(said),
  ...over,
});

export const materialize = (until: string, mode: 'incremental' | 'full' = 'incremental'): Command => {
  return { kind: 'materialize', views: null, until, mode };
};

export const succeeded = (run: StoredRun, finishedAt = new Date(run.createdMillis).toISOString()) => ({
  runs: [{ view: 'v', run: run.run, mode: run.mode, outcome: 'succeeded', notice: null, until: run.until, finishedAt }],
});

/** What a server says that has these runs, one for each entity, live. */
export function answer(evidence: Evidence, runs: readonly StoredRun[], at: string, version = 1): string {
  const model = new Model(WORLD, evidence);
  const variant = model.variantOf(version) ?? 0;
  const [entry] = model.entriesOf(variant);
  if (entry === undefined) throw new Error('the service has no entry');
  const wanted = runs.map((run) => model.answer(run, entry, variant, at));
  return JSON.stringify({
    ...{ service: 'svc', version, features: entry.columns },
    rows: wanted.map((want, row) => want?.rows[row]?.map((value, i) => writeValue(want.types[i] ?? '', value))),
    statuses: wanted.map((want, row) => want?.statuses[row]),
    ...{ asOf: { v: runs[0]?.until }, at },
  });
}

export const lookup = (fromMillis: number, at: string, body: string, status: number | null = 200): LookupEvent => {
  return { kind: 'lookup', at, fromMillis, toMillis: fromMillis + 5, status, body };
};

const events: readonly Event[] = [
  command(0, { kind: 'apply', variant: 0 }, { outcome: 'registered', version: 1 }),
  command(1, materialize(T2), succeeded(RUN_1)),
  lookup(195, T2, answer(EVIDENCE, [RUN_1, RUN_1], T2)),
  command(2, materialize(T6), succeeded(RUN_2)),
  // Key by key, while the second run is written.
  lookup(270, T6, answer(EVIDENCE, [RUN_1, RUN_2], T6)),
  lookup(295, T6, answer(EVIDENCE, [RUN_2, RUN_2], T6)),
  command(3, { kind: 'dataset', name: 'set' }, { name: 'set', version: 1, rows: 2 }),
];

const ended = (out: object, over: Partial<CommandEvent> = {}) => ({
  ...{ fromMillis: 1000, toMillis: 1090, code: 0, err: '', wasHarmed: false, hung: false },
  out: JSON.stringify(out),
  ...over,
});

export const recovered = (args: string, out: object, over: Partial<CommandEvent> = {}) => {
  return { args: args.split(' '), attempts: [ended(out, over)] };
};

export const statusOf = (over: object) => ({
  views: [{ view: 'v', watermark: T6, changed: false, emptied: false, pendingRun: null, ...over }],
});

export const GOOD: Played = {
  history: { seed: 1, online: 'lmdb', storage: 'file', world: WORLD, rounds: [[]], until: T6 },
  events,
  between: [EVIDENCE],
  recovery: {
    fromMillis: 1000,
    commands: [
      recovered('materialize', succeeded(RUN_2)),
      recovered('status', statusOf({})),
      recovered('dataset list', { datasets: [{ name: 'set', version: 1 }] }),
    ],
    lookups: [
      lookup(1100, T6, answer(EVIDENCE, [RUN_2, RUN_2], T6)),
      lookup(1110, T2, answer(EVIDENCE, [RUN_2, RUN_2], T2)),
    ],
    got: answer(EVIDENCE, [RUN_2, RUN_2], T6),
    doctor: JSON.stringify({ checks: [{ name: 'node', outcome: 'ok', found: '24' }] }),
    uncollected: null,
    evidence: EVIDENCE,
  },
  serverLog: '',
};
