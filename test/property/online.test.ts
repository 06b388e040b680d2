// A few random worlds at every `npm test`; test/long/many-worlds.test.ts has hundreds.
import { test } from 'node:test';
import { onlineTrial } from './online-trial.ts';
import { chosenWorlds, describeTally, tryWorlds } from './worlds.ts';

test('online answers of random worlds are what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(10);
  t.diagnostic(describeTally(await tryWorlds(onlineTrial, first, count), first));
});
