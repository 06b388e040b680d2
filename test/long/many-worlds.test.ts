// As test/property, over more worlds: training sets by both physical strategies, and online answers. PLUMB_WORLDS=N tries N of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenWorlds, describeTally } from '../property/worlds.ts';
import { tryInTwoProcesses } from './in-two-processes.ts';

test('training sets of hundreds of random worlds are what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(400);
  const tally = await tryInTwoProcesses('training', first, count);
  t.diagnostic(describeTally(tally, first));
  assert.equal(tally.worlds, count);
  // Random instants that never meet an edge would test little.
  if (count >= 200) assert.ok(tally.edgeShares / tally.worlds > 0.35 && tally.failing > 0);
});

test('online answers of tens of random worlds are what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(80);
  const tally = await tryInTwoProcesses('online', first, count);
  t.diagnostic(describeTally(tally, first));
  assert.equal(tally.worlds, count);
});

test('verify finds no difference in tens of random worlds', async (t) => {
  const { first, count } = chosenWorlds(15);
  const tally = await tryInTwoProcesses('verify', first, count);
  t.diagnostic(describeTally(tally, first));
  assert.equal(tally.worlds, count);
});

test('explanations compute anew what lookups return, and what their cases give, in tens of random worlds', async (t) => {
  const { first, count } = chosenWorlds(15);
  const tally = await tryInTwoProcesses('explain', first, count);
  t.diagnostic(describeTally(tally, first));
  assert.equal(tally.worlds, count);
});

test('continuous aggregates of tens of random worlds are what the oracle says at every instant from the run on', async (t) => {
  const { first, count } = chosenWorlds(50);
  const tally = await tryInTwoProcesses('continuous', first, count);
  t.diagnostic(describeTally(tally, first));
  assert.equal(tally.worlds, count);
});
