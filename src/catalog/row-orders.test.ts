// How a row view tells rows of one instant apart, as far as a feature of it can notice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowView } from '../../test/support/fake-world.ts';
import type { RowView } from './catalog.ts';
import { rowOrders } from './fingerprint.ts';

const view = (...names: readonly string[]): RowView =>
  rowView(
    'v',
    { user: 'int64' },
    names.map((name) => ({ name, type: 'int64' as const })),
  );
const failing = (base: RowView, name: string): RowView => ({
  ...base,
  features: base.features.map((one) =>
    one.name === name ? { ...one, expression: { ...one.expression, canFail: true } } : one,
  ),
});
const order = (of: RowView, name: string): string | undefined => rowOrders(of).get(name);

test('features behind it change nothing, features before it do', () => {
  assert.equal(order(view('a', 'b'), 'a'), order(view('a', 'b', 'c'), 'a'));
  assert.equal(order(view('a', 'b'), 'b'), order(view('a', 'b', 'c'), 'b'));
  assert.notEqual(order(view('a', 'b'), 'b'), order(view('c', 'a', 'b'), 'b'));
  assert.notEqual(order(view('a', 'b'), 'a'), order(view('b', 'a'), 'a'));
  assert.notEqual(order(view('a', 'b', 'c'), 'c'), order(view('a', 'c'), 'c'));
});

test('where one up to it can fail, all count: what failed and what is null compare alike', () => {
  assert.notEqual(order(failing(view('a', 'b'), 'a'), 'a'), order(failing(view('a', 'b', 'c'), 'a'), 'a'));
  assert.notEqual(order(failing(view('a', 'b'), 'a'), 'b'), order(failing(view('a', 'b', 'c'), 'a'), 'b'));
  assert.equal(order(failing(view('a', 'b'), 'b'), 'a'), order(failing(view('a', 'b', 'c'), 'b'), 'a'));
});
