import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { DataType } from '../../../schemas/types.ts';
import type { Source } from '../../catalog/catalog.ts';
import { parseInstant } from '../../instant.ts';
import { parseJson } from '../../lossless-json.ts';
import { EventTextReader } from './event-text.ts';

const NOW = parseInstant('2026-01-08T12:00:00Z') as bigint;

const COLUMNS: Readonly<Record<string, DataType>> = {
  ...{ k: 'int64', at: 'timestamp', id: 'string', i: 'int32', f: 'float32', x: 'float64', b: 'bool', y: 'bytes' },
  ...{ l: 'list<int64>', v: 'vector<float32,2>', t: 'timestamp' },
};

function sourceOf(rest: Partial<Source> = {}, columns = COLUMNS): Source {
  const stream = { eventIdColumn: 'id', maxFutureMicros: 600_000_000n, deadLettersMicros: null, history: null };
  return {
    ...{ name: 'clicks', kind: 'stream', path: 'lake://clicks', format: 'parquet', timestampColumn: 'at' },
    ...{ timestampUnit: null, createdTimestampColumn: '__append_time', createdTimestampUnit: null },
    ...{
      columns: new Map(Object.entries(columns)),
      stream,
      unreadable: new Map(),
      description: null,
      owner: null,
      tags: [],
    },
    ...rest,
  } as Source;
}

const READER = new EventTextReader(sourceOf(), new Set(['k']));
const GOOD = '"k":1,"at":"2026-01-08T11:00:00Z","id":"e1"';

const reading = (members: string, reader = READER) => reader.read(parseJson(`{${members}}`, 'it'), NOW);
function textOf(members: string): string {
  const found = reading(members);
  assert.ok('event' in found, inspect(found));
  return found.event.text;
}
function problemOf(members: string, reader = READER) {
  const found = reading(members, reader);
  assert.ok('problem' in found, inspect(found));
  const { code, path } = found.problem;
  return [code, path];
}

test('columns stand in the order of the source, values in one form, nulls are left out', () => {
  const written = textOf(
    `"x":1e2,"i":"7","at":"2026-01-08T13:30:00.5+02:00","b":true,"id":"a\\u0062","k":9223372036854775807,"y":"AQI=","f":null`,
  );
  assert.equal(
    written,
    '{"k":9223372036854775807,"at":"2026-01-08T11:30:00.500Z","id":"ab","i":7,"x":100,"b":true,"y":"AQI="}',
  );
  assert.equal(
    textOf(`${GOOD},"l":[1,null,"-5"],"v":[0.5,2]`).replace(/^.*(?="l")/, ''),
    '"l":[1,null,-5],"v":[0.5,2]}',
  );
});

test('what cannot be used is told with its column', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [`${GOOD},"z":1`, 'UNKNOWN_COLUMN', ''],
    ['"at":"2026-01-08T11:00:00Z","id":"e1"', 'MISSING_VALUE', 'k'],
    ['"k":1,"id":"e1"', 'MISSING_VALUE', 'at'],
    ['"k":1,"at":"2026-01-08T11:00:00Z","id":null', 'MISSING_VALUE', 'id'],
    [`${GOOD},"i":1.5`, 'WRONG_TYPE', 'i'],
    [`${GOOD},"i":2147483648`, 'OUT_OF_RANGE', 'i'],
    [`${GOOD},"i":"01"`, 'WRONG_TYPE', 'i'],
    [`${GOOD},"l":[9223372036854775808]`, 'OUT_OF_RANGE', 'l'],
    [`${GOOD},"l":1`, 'WRONG_TYPE', 'l'],
    [`${GOOD},"v":[1]`, 'OUT_OF_RANGE', 'v'],
    [`${GOOD},"v":[1,null]`, 'WRONG_TYPE', 'v'],
    [`${GOOD},"f":3.5e38`, 'OUT_OF_RANGE', 'f'],
    [`${GOOD},"x":"1"`, 'WRONG_TYPE', 'x'],
    [`${GOOD},"b":1`, 'WRONG_TYPE', 'b'],
    [`${GOOD},"y":"?"`, 'WRONG_TYPE', 'y'],
    [`${GOOD},"t":"tomorrow"`, 'WRONG_TYPE', 't'],
    [`${GOOD},"t":7`, 'WRONG_TYPE', 't'],
    [`${GOOD},"t":"+012026-01-08T12:00:00Z"`, 'OUT_OF_RANGE', 't'],
    [`${GOOD},"t":"9999-12-31T23:59:59-23:59"`, 'OUT_OF_RANGE', 't'],
    [`${GOOD},"t":"0000-01-01T00:00:00Z"`, 'OUT_OF_RANGE', 't'],
    [`${GOOD},"y":"AR=="`, 'WRONG_TYPE', 'y'],
    ['"k":1,"at":"2026-01-08T11:00:00Z","id":"\\ud800"', 'WRONG_TYPE', 'id'],
    ['"k":1,"at":"2026-01-08T12:10:00.000001Z","id":"e1"', 'TOO_FAR_AHEAD', 'at'],
    ['"k":1,"at":"+012026-01-08T12:00:00Z","id":"e1"', 'OUT_OF_RANGE', 'at'],
  ];
  for (const [members, ...expected] of cases) assert.deepEqual(problemOf(members), expected, members);
  const list = READER.read([1], NOW);
  assert.ok('problem' in list && list.problem.code === 'NOT_AN_OBJECT');
  assert.ok('event' in reading('"k":1,"at":"2026-01-08T12:10:00Z","id":"e1"'));
});

test('a numeric time counts in its unit, and an id may be a number', () => {
  const stream = { eventIdColumn: 'n', maxFutureMicros: 0n, deadLettersMicros: null, history: null };
  const source = sourceOf({ timestampUnit: 'ms', stream }, { at: 'float64', n: 'int64' });
  const reader = new EventTextReader(source, new Set());
  const found = reading('"at":1700000000000.5,"n":"-12"', reader);
  assert.deepEqual(found, {
    event: { id: '-12', eventMicros: 1_700_000_000_000_500n, text: '{"at":1700000000000.5,"n":-12}' },
  });
  assert.deepEqual(problemOf('"at":1e300,"n":1', reader), ['OUT_OF_RANGE', 'at']);
});

test('columns may be called as what every object has, and long bytes are read at once', () => {
  const stream = { eventIdColumn: null, maxFutureMicros: 0n, deadLettersMicros: null, history: null };
  const columns: Readonly<Record<string, DataType>> = { at: 'int64', constructor: 'string' as DataType, y: 'bytes' };
  const source = sourceOf({ timestampUnit: 's', stream }, columns);
  const reader = new EventTextReader(source, new Set());
  const found = reading('"at":7', reader);
  assert.ok('event' in found && found.event.text === '{"at":7}', inspect(found));
  const keyed = new EventTextReader(source, new Set(['constructor']));
  assert.deepEqual(problemOf('"at":7', keyed), ['MISSING_VALUE', 'constructor']);
  const long = 'A'.repeat(8 * 2 ** 20);
  const read = reader.read({ at: 7, y: long }, NOW);
  assert.ok('event' in read && read.event.text.length === long.length + '{"at":7,"y":""}'.length);
});
