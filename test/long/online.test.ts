// Online answers of hundreds of random worlds against the oracle.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenWorlds, describeTally } from '../property/worlds.ts';
import { tryInTwoProcesses } from './in-two-processes.ts';

test('online answers of hundreds of random worlds are what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(400);
  const tally = await tryInTwoProcesses('online', first, count);
  t.diagnostic(describeTally(tally, first));
  assert.equal(tally.worlds, count);
});
