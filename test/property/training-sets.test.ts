// A few random worlds at every `npm test`; test/long/many-worlds.test.ts has thousands.
import { test } from 'node:test';
import { trainingTrial } from './training-trial.ts';
import { chosenWorlds, describeTally, tryWorlds } from './worlds.ts';

test('training sets of random worlds are what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(12);
  t.diagnostic(describeTally(await tryWorlds(trainingTrial, first, count), first));
});
