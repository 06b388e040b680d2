import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facts, quantity, table } from './table.ts';

test('columns of numbers and quantities line up at the right, with thousands; others at the left', () => {
  const rows = [
    ['a', 1, quantity('0.5 s'), 'x'],
    ['bcd', 1_234_567, quantity('1 min 05 s'), null],
    ['e', null, null, 7],
  ];
  const expected = `
name       rows        took  note
a             1       0.5 s  x
bcd   1,234,567  1 min 05 s  -
e             -           -  7`;
  assert.equal(`\n${table(['name', 'rows', 'took', 'note'], rows)}`, expected);
});

test('fractions keep their digits', () => {
  assert.equal(table(['x'], [[0.123456789], [12_345.6789]]), '          x\n0.123456789\n 12345.6789');
});

test('a column of nothing stays at the left, and so do facts', () => {
  assert.equal(table(['a', 'b'], [[null, 'long']]), 'a  b\n-  long');
  const lines = facts([
    ['rows', 12_000],
    ['service', 'ranking'],
  ]);
  assert.equal(lines, 'rows     12,000\nservice  ranking');
});

test('5.6: a table stays within the width of the terminal, and a long name wraps without losing a character', () => {
  const name = 'a_name_of_a_view_that_goes_on_'.repeat(3);
  const lines = table(['name', 'rows', 'note'], [[name, 12, 'some words that say why this is so']], 60).split('\n');
  assert.ok(
    lines.every((line) => line.length <= 60),
    lines.join('\n'),
  );
  const width = lines[0]?.indexOf('rows') ?? 0;
  const cells = lines.slice(1).map((line) => line.slice(0, width).trim());
  assert.equal(cells.join(''), name);
});

test('5.6: without a terminal, values are whole', () => {
  const name = 'n'.repeat(300);
  assert.ok(table(['name'], [[name]], null).includes(name));
});

test('5.6: facts stay within the width of the terminal too', () => {
  assert.equal(facts([['path', 'abcdefghij klmnopqrst']], 20), 'path  abcdefghij\n      klmnopqrst');
});
