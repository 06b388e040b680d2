// lookupColumns() gives what lookup() gives, of every type, from a server that has Arrow and from one that has JSON only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DataType, shapeOf } from '../../schemas/types.ts';
import {
  type FeatureValue,
  type LookupAnswer,
  type LookupColumns,
  PlumbClient,
  PlumbProtocolError,
} from '../../sdk/typescript/src/index.ts';
import { AT, anyWorld, fakeWorld } from '../support/any-world.ts';
import { at, type FakeWorld } from '../support/fake-world.ts';

const ARROW = 'application/vnd.apache.arrow.stream';
const OPTIONS = { statuses: true, eventTimes: true, asOf: true } as const;
const PLAIN = { statuses: false, eventTimes: false, asOf: false } as const;

/** Its answers come from `world`; an older server looks at no `Accept`. */
function clientOf(world: FakeWorld, isOlder: boolean): PlumbClient {
  const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    const { service, entities, ...options } = JSON.parse(String(init.body));
    const accept = new Headers(init.headers).get('accept') ?? '';
    const form = accept.startsWith(ARROW) && !isOlder ? 'arrow' : 'lookup';
    const body = await world.lookup[form]({ service }, entities, at(AT), options);
    const type = form === 'arrow' ? ARROW : 'application/json; charset=utf-8';
    return new Response(body.slice(), { headers: { 'content-type': type } });
  };
  return new PlumbClient({ url: 'http://127.0.0.1', fetch: fetch as typeof globalThis.fetch });
}

test('values, numbers, statuses, event times and all else are those of lookup()', async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, fc.constantFrom(OPTIONS, PLAIN), async (one, options) => {
      const { fake, entities } = await fakeWorld(one);
      const request = { service: 's', entities, ...options };
      const answer = await clientOf(fake, false).lookup(request);
      const types = typesOf(answer, one.features);
      for (const isOlder of [false, true]) {
        const columns = await clientOf(fake, isOlder).lookupColumns(request);
        const { rows: _, statuses: __, eventTimes: ___, ...head } = answer;
        assert.deepEqual({ ...columns }, { ...head, numRows: answer.rows.length });
        answer.features.forEach((name, column) => {
          const values = columnOf(answer.rows, column) ?? [];
          const type = types[column] ?? '';
          const isFloat = type.includes('float') && !isOlder;
          assert.deepEqual(columns.values(name), isFloat ? values.map((value) => floats(type, value)) : values);
          assert.deepEqual(columns.statuses(name), columnOf(answer.statuses, column));
          assert.deepEqual(columns.eventTimes(name), columnOf(answer.eventTimes, column));
          if (NUMERIC.includes(type)) assert.deepEqual([...columns.numbers(name)], values.map(asNumber));
          else assertNoNumbers(columns, name, values);
        });
      }
    }),
    { numRuns: 300 },
  );
});

const NUMERIC = ['bool', 'int32', 'int64', 'float32', 'float64'];

/** Feature 3 of the view is named `<key>_f3` in the service; `<key>_new` has lists. */
const typesOf = ({ features }: LookupAnswer, types: readonly { readonly type: string }[]): string[] =>
  features.map((name) => types[Number(name.split('_f')[1])]?.type ?? 'list<string>');

/** JSON shows no type: a whole float of 16 digits or more is a bigint there. */
function floats(type: string, value: FeatureValue): FeatureValue {
  const shape = shapeOf(type as DataType);
  if (typeof value === 'bigint') return type.startsWith('float') ? Number(value) : value;
  if (typeof value !== 'object' || value === null || shape.kind === 'scalar') return value;
  const typeOf = (name: string): string =>
    shape.kind === 'struct'
      ? (shape.fields.find((field) => field.name === name)?.type ?? '')
      : shape.kind === 'map'
        ? shape.value
        : shape.element;
  return Array.isArray(value)
    ? value.map((item) => floats(typeOf(''), item))
    : Object.fromEntries(Object.entries(value).map(([name, item]) => [name, floats(typeOf(name), item)]));
}

const columnOf = <T>(rows: readonly (readonly T[])[] | undefined, column: number): T[] | undefined =>
  rows?.map((row) => row[column] as T);

const asNumber = (value: FeatureValue): number => (value === null ? Number.NaN : Number(value));

/** JSON shows the type of a column by its values only. */
function assertNoNumbers(columns: LookupColumns, name: string, values: readonly FeatureValue[]): void {
  if (values.some((value) => value !== null))
    assert.throws(() => columns.numbers(name), {
      name: 'TypeError',
      message: /expected a feature of numbers or flags$/,
    });
}

test('a feature that the answer lacks is named beside those that it has', async () => {
  const [one] = fc.sample(anyWorld, { numRuns: 1, seed: 1 });
  assert.ok(one !== undefined);
  const { fake } = await fakeWorld(one);
  for (const isOlder of [false, true]) {
    const columns = await clientOf(fake, isOlder).lookupColumns({ service: 's', entities: [] });
    assert.equal(columns.numRows, 0);
    for (const read of ['values', 'numbers', 'statuses', 'eventTimes'] as const)
      assert.throws(() => columns[read]('f99'), {
        name: 'TypeError',
        message: `found the feature "f99", expected one of ${columns.features.join(', ')}`,
      });
  }
});

for (const [name, type, body] of [
  ['a damaged stream', ARROW, '{"rows":[]}'],
  ['a page', 'text/html', '<p>hello</p>'],
  ['JSON that is no answer', 'application/json', '{}'],
] as const)
  test(`${name} is a PlumbProtocolError`, async () => {
    const fetch = async (): Promise<Response> => new Response(body, { headers: { 'content-type': type } });
    const client = new PlumbClient({ url: 'http://127.0.0.1', fetch });
    await assert.rejects(client.lookupColumns({ service: 's', entities: [] }), PlumbProtocolError);
  });
