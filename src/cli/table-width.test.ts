import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fittedWidths, terminalWidth } from './table-width.ts';

test('5.6: a pipe has no width, so that it gets whole values', () => {
  assert.equal(terminalWidth({}, '40'), null);
});

test('5.6: COLUMNS goes before the width of the terminal', () => {
  assert.equal(terminalWidth({ isTTY: true, columns: 80 }, '40'), 40);
  assert.equal(terminalWidth({ isTTY: true, columns: 80 }, ''), 80);
});

test('5.6: the widest columns give way first', () => {
  assert.deepEqual(fittedWidths([5, 100, 10], 80), [5, 61, 10]);
  assert.deepEqual(fittedWidths([5, 10], 80), [5, 10]);
});
