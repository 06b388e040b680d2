// As test/property, over worlds by the hundred: training sets by both physical strategies, and online answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenWorlds, describeTally } from '../property/worlds.ts';
import { tryInTwoProcesses } from './in-two-processes.ts';

test('training sets of thousands of random worlds are what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(2000);
  const tally = await tryInTwoProcesses('training', first, count);
  t.diagnostic(describeTally(tally, first));
  assert.equal(tally.worlds, count);
  // Random instants that never meet an edge would test little.
  if (count >= 200) assert.ok(tally.edgeShares / tally.worlds > 0.35 && tally.failing > 0);
});

test('online answers of hundreds of random worlds are what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(400);
  const tally = await tryInTwoProcesses('online', first, count);
  t.diagnostic(describeTally(tally, first));
  assert.equal(tally.worlds, count);
});

test('verify finds no difference in a hundred random worlds', async (t) => {
  const { first, count } = chosenWorlds(100);
  const tally = await tryInTwoProcesses('verify', first, count);
  t.diagnostic(describeTally(tally, first));
  assert.equal(tally.worlds, count);
});

test('explanations compute anew what lookups return, and what their cases give, in a hundred random worlds', async (t) => {
  const { first, count } = chosenWorlds(100);
  const tally = await tryInTwoProcesses('explain', first, count);
  t.diagnostic(describeTally(tally, first));
  assert.equal(tally.worlds, count);
});
