import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  floorTo,
  formatDuration,
  formatInstant,
  parseDuration,
  parseInstant,
  readFormattedInstant,
  requireInstantOrNow,
} from './instant.ts';

test('instants: offsets, zone-less text, and digits beyond microseconds', () => {
  assert.equal(parseInstant('1970-01-01T00:00:00Z'), 0n);
  assert.equal(parseInstant('2026-03-01T10:00:00+02:00'), parseInstant('2026-03-01 08:00:00'));
  assert.equal(parseInstant('1969-12-31T23:59:59.9999999Z'), -1n);
  assert.equal(parseInstant('2026-03-01'), parseInstant('2026-03-01T00:00Z'));
});

test('instants: 29 February is one in leap years alone', () => {
  assert.equal(parseInstant('2024-02-29T00:00:00Z'), 1_709_164_800_000_000n);
  assert.notEqual(parseInstant('2000-02-29'), null);
  assert.equal(parseInstant('2023-02-29'), null);
  assert.equal(parseInstant('1900-02-29'), null);
});

test('instants: what is none', () => {
  for (const text of [
    '',
    'now',
    '2026-13-01',
    '2026-04-31',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-1-1',
  ]) {
    assert.equal(parseInstant(text), null, text);
  }
});

test('instants: offsets of a day and more, and years with needless digits, are none; seconds may be left out', () => {
  for (const text of [
    '2026-01-01T10:00:00+25:00',
    '2026-01-01T10:00:00-24:00',
    '2026-01-01T10:00:00+01:60',
    '+002026-01-01T00:00:00Z',
    '-000000-01-01T00:00:00Z',
  ])
    assert.equal(parseInstant(text), null, text);
  assert.equal(parseInstant('2026-01-01T10:00Z'), parseInstant('2026-01-01T10:00:00Z'));
  assert.equal(parseInstant('2026-01-01T10:00+23:59'), parseInstant('2025-12-31T10:01:00Z'));
});

test('instants: text and back, over all of int64', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (micros) => {
      const text = formatInstant(micros);
      if (micros > -8_640_000_000_000_000_000n && micros < 8_640_000_000_000_000_000n)
        assert.equal(parseInstant(text), micros);
      else assert.match(text, /^[+-]\d{6}-\d\d-\d\dT/);
      assert.equal(readFormattedInstant(text), micros);
    }),
  );
});

test('what formatInstant writes is read, at its edges and where Date ends', () => {
  for (const edge of [-(2n ** 63n), 2n ** 63n - 1n, 8_640_000_000_000_000_000n, -8_640_000_000_000_000_000n, 0n]) {
    for (const micros of [edge - 1n, edge, edge + 1n].map((one) => BigInt.asIntN(64, one))) {
      assert.equal(readFormattedInstant(formatInstant(micros)), micros);
    }
  }
  assert.equal(readFormattedInstant('soon'), null);
});

test('durations', () => {
  assert.equal(parseDuration('7d'), 604_800_000_000n);
  assert.equal(formatDuration(0n), '0s');
  assert.equal(formatDuration(604_800_000_000n), '7d');
  assert.equal(formatDuration(5_400_000_000n), '90m');
  for (const text of ['0s', '1', '1w', '-1h', '1.5h', '9999999999d']) assert.equal(parseDuration(text), null, text);
});

test('floors go toward minus infinity', () => {
  assert.equal(floorTo(-1n, 10n), -10n);
  assert.equal(floorTo(-10n, 10n), -10n);
  assert.equal(floorTo(19n, 10n), 10n);
});

test('now, and a duration before it, count from the clock given; what looks like it and is none is refused', () => {
  const read = (text: string) => requireInstantOrNow(text, '--from', 604_800_000_000n);
  assert.deepEqual(['now', 'now-7d', 'now-1s', '1970-01-02'].map(read), [
    604_800_000_000n,
    0n,
    604_799_000_000n,
    86_400_000_000n,
  ]);
  for (const text of ['now-', 'now-0d', 'now+1d', 'now - 1d', 'now-1w'])
    assert.throws(() => read(text), /--from: found ".*", expected now, a duration before it such as now-7d/, text);
  assert.throws(() => read('nope'), /--from: found "nope", expected an RFC 3339 instant/);
});
