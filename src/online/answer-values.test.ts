// Answers as values are the answers in JSON, read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DataType, Value } from '../../schemas/types.ts';
import { at, catalogOf, FakeWorld, rowView } from '../../test/support/fake-world.ts';
import { MemoryOnlineStore } from './memory/memory-online-store.ts';
import { valueText } from './value-json.ts';

const AT = '1970-01-01T00:00:01Z';
const FEATURES = [
  { name: 'a', type: 'int64', default: 7n },
  { name: 'b', type: 'float64' },
  { name: 'c', type: 'timestamp', default: 0n },
  { name: 'd', type: 'list<int64>', emptyValue: [] },
  { name: 'e', type: 'string', default: 'né' },
  { name: 'f', type: 'bytes' },
  { name: 'g', type: 'bool' },
] as const;
const NAMES = FEATURES.map(({ name }) => name);

const orNull = (value: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 3, arbitrary: value }, fc.constant(null));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const values = fc.tuple(
  orNull(int64),
  orNull(fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0)),
  orNull(int64),
  orNull(fc.array(orNull(int64), { maxLength: 3 })),
  orNull(fc.string({ unit: 'grapheme', maxLength: 5 })),
  orNull(fc.uint8Array({ maxLength: 4 })),
  orNull(fc.boolean()),
);
const row = fc.record({ values, event: fc.constantFrom(AT, '1969-12-31T23:59:59Z', '1970-01-01T00:00:02Z') });
const asked = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 9 });

test('values, statuses and event times equal those in JSON', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 4 }), asked, async (rows, names) => {
      const view = rowView('v', { id: 'int32' }, FEATURES, { ttlMicros: 1_000_000n });
      const world = new FakeWorld(catalogOf([view]), new MemoryOnlineStore());
      await world.materialize(
        view,
        AT,
        rows.map((one, key) => ({ keys: [key], ...one })),
      );
      const entities = [...rows, null, null].map((one, id) => ({ id: one === null && id % 2 === 0 ? null : id }));
      const request = { features: names.map((name) => `v:${name}`) };
      const options = { statuses: true, eventTimes: true };
      const json = Buffer.from(await world.lookup.lookup(request, entities, at(AT), options)).toString();
      const found = await world.lookup.values(request, entities, at(AT), options);
      const types = names.map((name) => FEATURES.find((feature) => feature.name === name)?.type ?? 'bool');
      const written = {
        rows: listOf(found.rows, (value, i) => textOf(types[i] as DataType, value)),
        statuses: JSON.stringify(found.statuses),
        eventTimes: listOf(found.eventTimes ?? [], (micros) => textOf('timestamp', micros)),
      };
      for (const [name, text] of Object.entries(written))
        assert.ok(json.includes(`"${name}":${text}`), `${name}: ${text} in ${json}`);
      assert.equal(JSON.stringify(found.features), JSON.stringify(JSON.parse(json).features));
    }),
    { numRuns: 300 },
  );
});

const textOf = (type: DataType, value: Value): string => Buffer.from(valueText(type, value)).toString();

const listOf = <T>(rows: readonly (readonly T[])[], write: (value: T, column: number) => string): string =>
  `[${rows.map((cells) => `[${cells.map(write).join(',')}]`).join(',')}]`;
