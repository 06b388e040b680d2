// A few random worlds at every `npm test`; test/long/many-worlds.test.ts has hundreds.
import { test } from 'node:test';
import { continuousTrial, onlineTrial } from './online-trial.ts';
import { chosenWorlds, describeTally, tryWorlds } from './worlds.ts';

test('online answers of random worlds are what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(3);
  t.diagnostic(describeTally(await tryWorlds(onlineTrial, first, count), first));
});

test('continuous aggregates of random worlds are what the oracle says at every instant from the run on', async (t) => {
  const { first, count } = chosenWorlds(3);
  t.diagnostic(describeTally(await tryWorlds(continuousTrial, first, count), first));
});
