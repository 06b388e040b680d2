import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeIo } from '../../test/support/fake-app.ts';
import { createProgress, stepText } from './progress.ts';

test('rows, rate and remaining time', () => {
  const step = { label: 'v writing', rowsDone: 120_000, rowsTotal: 1_000_000 };
  assert.equal(stepText(step, 10), 'v writing: 120,000 of 1,000,000 rows, 12,000/s, 74 s left');
  assert.equal(stepText({ ...step, rowsTotal: null }, 10), 'v writing: 120,000 rows, 12,000/s');
  assert.equal(stepText({ ...step, rowsDone: 0 }, 0), 'v writing: 0 of 1,000,000 rows');
  assert.equal(
    stepText({ label: 'copying', rowsDone: 3, rowsTotal: 9, unit: 'objects' }, 0),
    'copying: 3 of 9 objects',
  );
});

test('without a terminal, short work prints nothing', () => {
  const io = fakeIo('/');
  using progress = createProgress(io);
  progress.update({ label: 'v writing', rowsDone: 1, rowsTotal: 2 });
  assert.equal(io.stderr(), '');
});
