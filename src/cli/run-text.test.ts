import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runListText } from './run-text.ts';

test('where no view was ever run the list says what begins one, and where others may have been it does not', () => {
  assert.equal(runListText([], { isFiltered: false, isMore: false }), 'No runs yet: run `plumb materialize`.');
  assert.equal(runListText([], { isFiltered: true, isMore: false }), 'No such runs.');
});
