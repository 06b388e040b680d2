// The golden bytes of partials (docs/specs/partials.md).
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Aggregate, type DataType, type ScalarType, structType, type Value } from '../../schemas/types.ts';
import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { AGGREGATE_RULES } from './aggregate-rules.ts';
import type { AggregateRow } from './algebra.ts';
import { byKey } from './by-key.ts';
import { canonicalBytes } from './canonical-bytes.ts';
import { FAILED, type PartialAlgebra, partialAlgebra } from './partial.ts';
import { sessions } from './sessions.ts';

type Json = null | boolean | number | string | readonly Json[];

interface Golden {
  readonly name: string;
  /** An aggregate, `by <aggregate>`, `session_count`, first_row or last_row. */
  readonly aggregate: string;
  /** Of the input; of each column of a row. */
  readonly type: DataType | readonly DataType[];
  /** event, created, [partition, offset], by, input; instants in microseconds; "!" is an input that failed. */
  readonly rows: readonly (readonly [number, number | null, readonly [number, number] | null, string | null, Json])[];
  /** How often the rows are added, each time with the number added to a string that ends in `#`. */
  readonly times?: number;
  /** In hex, or from `md5:` on their hash. */
  readonly bytes: string;
}

const GOLDENS = JSON.parse(readFileSync(new URL('partials.golden.json', import.meta.url), 'utf8')) as {
  readonly canonical: readonly { readonly type: DataType; readonly value: Json; readonly bytes: string }[];
  readonly partials: readonly Golden[];
};
const HOP = 10n;

function readValue(type: DataType | readonly DataType[], json: Json): Value {
  if (json === null) return null;
  if (typeof type !== 'string') return (json as readonly Json[]).map((item, i) => readValue(type[i] as DataType, item));
  if (Array.isArray(json)) return json.map((item: Json) => readValue(type.slice('list<'.length, -1) as DataType, item));
  if (type === 'int64' || type === 'timestamp') return BigInt(json as string | number);
  return type === 'bytes' ? Uint8Array.from(Buffer.from(json as string, 'hex')) : (json as Value);
}

function algebraOf({ aggregate, type }: Golden): PartialAlgebra<unknown> {
  if (aggregate === 'session_count') return partialAlgebra<unknown>(sessions('session_count', 5n), HOP);
  const name = aggregate.replace('by ', '') as Aggregate;
  const ofRow = (types: readonly DataType[]): DataType =>
    structType(types.map((ofColumn, i) => ({ name: `c${i}`, type: ofColumn as ScalarType })));
  const input = typeof type === 'string' ? type : ofRow(type);
  const algebra = AGGREGATE_RULES[name].algebra({ type: input, n: 3, p: 0.5, hopMicros: HOP });
  return name === aggregate
    ? partialAlgebra(algebra, HOP)
    : partialAlgebra<unknown>(byKey(algebra, { top: null, asKeys: false }), HOP);
}

function rowsOf({ rows, times = 1, type }: Golden): readonly (readonly [AggregateRow, Value | typeof FAILED])[] {
  return Array.from({ length: times }, (_, time) => time).flatMap((time) =>
    rows.map(([event, created, place, by, input]) => {
      const row: AggregateRow = {
        eventMicros: BigInt(event),
        createdMicros: created === null ? null : BigInt(created),
        position: place === null ? null : { partition: place[0], offset: BigInt(place[1]) },
        by,
      };
      const json = typeof input === 'string' ? input.replace('#', String(time)) : input;
      return [row, json === '!' ? FAILED : readValue(type, json)] as const;
    }),
  );
}

function written({ family }: PartialAlgebra<unknown>, partial: Parameters<typeof family.write>[0]): Uint8Array {
  const out = new ByteWriter();
  out.begin(0);
  family.write(partial, out);
  return Uint8Array.from(out.finish());
}

const shown = (bytes: Uint8Array, golden: string): string =>
  golden.startsWith('md5:') ? `md5:${hash('md5', bytes)}` : Buffer.from(bytes).toString('hex');

for (const golden of GOLDENS.partials) {
  test(`golden bytes: ${golden.name}`, () => {
    const algebra = algebraOf(golden);
    const partial = algebra.family.create();
    for (const [row, input] of rowsOf(golden)) algebra.family.add(partial, input, row);
    const bytes = written(algebra, partial);
    assert.equal(shown(bytes, golden.bytes), golden.bytes);
    const read = algebra.family.create();
    algebra.family.read(read, new ByteReader(bytes));
    assert.deepEqual(written(algebra, read), bytes);
  });
}

test('golden bytes: canonical bytes of values', () => {
  for (const { type, value, bytes } of GOLDENS.canonical) {
    const canonical = canonicalBytes(type)(readValue(type, value));
    assert.equal(
      typeof canonical === 'string' ? canonical : `0x${Buffer.from(canonical).toString('hex')}`,
      bytes,
      type,
    );
  }
});

test('golden bytes: each aggregate and each type has some', () => {
  const named = GOLDENS.partials.map(({ aggregate }) => aggregate);
  // Those of sessions share one family.
  const wanted = Object.keys(AGGREGATE_RULES).map((name) => (name.startsWith('session_') ? 'session_count' : name));
  for (const name of wanted) assert.ok(named.includes(name), name);
});

test('bytes that are no partial are refused, with what they are and where', () => {
  const algebra = algebraOf({ name: '', aggregate: 'count', type: 'int64', rows: [], bytes: '' });
  const read = (hex: string) => () =>
    algebra.family.read(algebra.family.create(), new ByteReader(Buffer.from(hex, 'hex'), 'The partial of clicks'));
  assert.throws(
    read('04'),
    /The partial of clicks cannot be read: found flags 4 of a partial, expected at most 3, at byte 1/,
  );
  assert.throws(read('02'), { code: 'STORAGE_CORRUPT' });
  assert.throws(read('02ffffffffffffffff7f'), /a number beyond 2\^53 - 1/);
});

test('a map is loaded key by key; a key without values is left out', () => {
  const algebra = algebraOf({ name: '', aggregate: 'by sum', type: 'int64', rows: [], bytes: '' });
  const partial = algebra.family.create();
  for (const columns of [
    [null, 'b', 2n, '7'],
    [null, 'a', 1n, '18446744073709551616'],
    [null, 'c', 0n, null],
    [null, 'b', 1n, '-2'],
    [null, null, 1n, '5'],
  ])
    algebra.family.load(partial, columns);
  assert.equal(Buffer.from(written(algebra, partial)).toString('hex'), '0202016101808080808080808080040162030a');
});
