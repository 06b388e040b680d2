import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeatureView } from '../catalog/catalog.ts';
import { chooseRounds } from './rounds.ts';

const DAY = 86_400_000_000n;
const SCHEDULED = {
  ...{ name: 'v', kind: 'aggregate', visibleFrom: 'event_time', refresh: { everyMicros: DAY, delayMicros: 5n } },
  features: [{ windowMicros: 7n * DAY, hopMicros: null }],
} as unknown as FeatureView;
const CONTINUOUS = {
  ...{ name: 'v', kind: 'row', visibleFrom: 'event_time', refresh: null, strictlyBefore: false, ttlMicros: DAY },
  features: [],
} as unknown as FeatureView;

const history = Array.from({ length: 50 }, (_, i) => ({
  key: [BigInt(i % 20)],
  eventMicros: BigInt(i) * DAY * 3n,
  createdMicros: null,
}));

for (const [name, view] of Object.entries({ scheduled: SCHEDULED, continuous: CONTINUOUS })) {
  test(`${name}: few runs in order of time, no probe twice, as many as are asked for`, () => {
    for (const samples of [1, 7, 100, 180]) {
      const rounds = chooseRounds(view, history, { samples, latestMicros: null });
      const untils = rounds.map(({ untilMicros }) => untilMicros);
      assert.ok(rounds.length <= 10);
      assert.deepEqual(
        untils,
        untils.toSorted((a, b) => (a < b ? -1 : 1)),
      );
      const probes = rounds.flatMap((round) => round.probes);
      assert.equal(probes.length, samples);
      assert.equal(new Set(probes.map(({ key, atMicros }) => `${key} ${atMicros}`)).size, samples);
    }
  });
}

test('a run serves every instant that is asked of it', () => {
  for (const { untilMicros, probes } of chooseRounds(SCHEDULED, history, { samples: 300, latestMicros: null }))
    for (const { atMicros } of probes) assert.ok(atMicros >= untilMicros && atMicros < untilMicros + DAY);
});

test('both sides of an edge of each kind are among the probes', () => {
  const instants = chooseRounds(CONTINUOUS, history, { samples: 100, latestMicros: null }).flatMap(({ probes }) =>
    probes.map(({ key, atMicros }) => `${key} ${atMicros}`),
  );
  const [first] = history;
  const ts = first?.eventMicros ?? 0n;
  for (const at of [ts - 1n, ts, ts + DAY, ts + DAY + 1n]) assert.ok(instants.includes(`0 ${at}`), `${at}`);
});

const WINDOWS = {
  ...{ name: 'v', kind: 'aggregate', visibleFrom: 'event_time', refresh: null },
  features: [{ windowMicros: 7n * DAY, hopMicros: DAY }],
} as unknown as FeatureView;

test('a run behind all rows is asked for later instants, on both sides of the edges that rows leave windows at', () => {
  const latestMicros = 49n * DAY * 3n;
  const rounds = chooseRounds(WINDOWS, history, { samples: 100, latestMicros });
  const last = rounds.at(-1);
  assert.equal(last?.untilMicros, latestMicros + 1n);
  assert.ok(rounds.length <= 10 && rounds.flatMap(({ probes }) => probes).length === 100);
  const later = last?.probes.map(({ key, atMicros }) => `${key} ${atMicros}`) ?? [];
  const leaves = latestMicros + 8n * DAY;
  for (const at of [leaves - 1n, leaves]) assert.ok(later.includes(`${49n % 20n} ${at}`), `${at}`);
  for (const { untilMicros, probes } of rounds.slice(0, -1))
    for (const { atMicros } of probes) assert.equal(atMicros, untilMicros);
});

test('without history there is nothing to run', () => {
  assert.deepEqual(chooseRounds(CONTINUOUS, [], { samples: 100, latestMicros: null }), []);
});
