import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fakeCompiler, fakeInspector } from '../../../test/support/fake-ports.ts';
import { resolveDefinitions } from '../../definitions/resolve.ts';
import type { Json } from '../../json-value.ts';
import { EmbeddedEventLog } from '../embedded/embedded-event-log.ts';
import { createPush, type PushRequest } from './push.ts';

const COLUMNS = { id: 'string', user_id: 'int64', ts: 'timestamp', price: 'float64' } as const;
const CATALOG = await resolveDefinitions(
  {
    entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
    sources: [
      {
        ...{ name: 'taps', kind: 'stream', timestampColumn: 'ts', eventIdColumn: 'id', columns: COLUMNS },
        history: { path: 'old.parquet', format: 'parquet', until: '2026-01-02' },
        deadLetters: '7d',
      },
      { name: 'files', kind: 'batch', path: 'old.parquet', format: 'parquet', timestampColumn: 'ts' },
    ],
    featureViews: [
      {
        ...{ name: 'spent', kind: 'aggregate', entities: ['user'], source: 'taps' },
        features: [{ name: 'n', aggregate: 'count', window: '7d' }],
      },
    ],
  },
  { project: 'shop', inspector: fakeInspector({ 'old.parquet': COLUMNS }), compiler: fakeCompiler },
);

const root = await mkdtemp(join(tmpdir(), 'plumb-push-'));
after(() => rm(root, { recursive: true, force: true }));
let count = 0;

async function opened() {
  const log = await EmbeddedEventLog.open(join(root, String(count++)), 'shop');
  const { push } = createPush({ catalog: async () => CATALOG, log: async () => log });
  const texts = async () => {
    const [state] = await log.partitions('taps');
    const start = { source: 'taps', partition: 0, epoch: state?.epoch ?? '', offset: 0n };
    const events = await log.read(start, { events: 100, bytes: 1e6 });
    return events.map(({ by, text }) => `${by} ${Buffer.from(text).toString()}`);
  };
  return {
    log,
    texts,
    push: async (events: readonly Json[], rest: Partial<PushRequest> = {}) =>
      (await push({ source: 'taps', events, onError: 'reject_all', by: 'k1', ...rest })).answer,
    positions: async (events: readonly Json[]) =>
      (await push({ source: 'taps', events, onError: 'reject_all', by: 'k1' })).positions,
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}

const tap = (id: string, price = 1, ts = '2026-01-03T00:00:00Z'): Json => ({ id, user_id: 7, ts, price });
const NOTHING = { accepted: 0, duplicates: 0, differing: [], ignored: 0, rejected: [] };

test('events are in the log once each; repeated ones are counted, and told where they differ', async () => {
  await using pushed = await opened();
  const early = tap('c', 1, '2026-01-01T23:59:59Z');
  assert.deepEqual(await pushed.push([tap('a'), tap('b'), tap('a'), early]), {
    ...NOTHING,
    accepted: 3,
    duplicates: 1,
    ignored: 1,
  });
  assert.deepEqual(await pushed.push([tap('d'), tap('b', 2)]), {
    ...NOTHING,
    accepted: 1,
    duplicates: 1,
    differing: [1],
  });
  assert.deepEqual(await pushed.push([tap('d')], { by: null }), { ...NOTHING, duplicates: 1 });
  assert.deepEqual(
    await pushed.texts(),
    ['a', 'b', 'c', 'd'].map(
      (id) => `k1 {"id":"${id}","user_id":7,"ts":"2026-01-0${id === 'c' ? '1T23:59:59Z' : '3T00:00:00Z'}","price":1}`,
    ),
  );
});

test('one event that cannot be used rejects all, unless told otherwise; then it is kept with the reason', async () => {
  await using pushed = await opened();
  const bad = { id: 'x', ts: '2026-01-03T00:00:00Z' };
  const rejected = [
    {
      ...{ index: 1, code: 'MISSING_VALUE', path: 'user_id' },
      message: 'expected a value: views have their keys from it',
    },
  ] as const;
  assert.deepEqual(await pushed.push([tap('a'), bad]), { ...NOTHING, rejected });
  assert.deepEqual(await pushed.texts(), []);
  assert.deepEqual(await pushed.log.deadLetters('taps', 0n, 10), []);
  assert.deepEqual(await pushed.push([tap('a'), bad], { onError: 'accept_valid' }), {
    ...NOTHING,
    accepted: 1,
    rejected,
  });
  const letters = await pushed.log.deadLetters('taps', 0n, 10);
  assert.deepEqual(
    letters.map(({ rejectedMicros: _, ...letter }) => letter),
    [
      {
        ...{ path: 'user_id', by: 'k1', text: '{"id":"x","ts":"2026-01-03T00:00:00Z"}' },
        reason: 'MISSING_VALUE: expected a value: views have their keys from it',
      },
    ],
  );
});

test('a push tells the position behind its events, duplicates included', async () => {
  await using pushed = await opened();
  const [state] = await pushed.log.partitions('taps');
  const at = (next: bigint) => [{ partition: 0, epoch: state?.epoch, next }];
  assert.deepEqual(await pushed.positions([tap('a'), tap('b')]), at(2n));
  assert.deepEqual(await pushed.positions([tap('c'), tap('a')]), at(3n));
  assert.deepEqual(await pushed.positions([tap('a')]), at(1n));
  assert.deepEqual(await pushed.positions([{ id: 'x' }]), []);
});

test('an unknown source, and one that is no stream, are refused', async () => {
  await using pushed = await opened();
  await assert.rejects(pushed.push([tap('a')], { source: 'tapps' }), { code: 'UNKNOWN_NAME' });
  await assert.rejects(pushed.push([tap('a')], { source: 'files' }), { code: 'INVALID_REQUEST' });
});

test('more events than may wait for the disk are refused until others are on it', async () => {
  await using pushed = await opened();
  const many = Array.from({ length: 150_000 }, () => null);
  const first = pushed.push(many);
  await assert.rejects(pushed.push(many), { code: 'TOO_MANY_REQUESTS' });
  assert.equal((await first).rejected.length, 150_000);
  assert.equal((await pushed.push(many)).rejected.length, 150_000);
});
