// A few random worlds at every `npm test`; test/long has more.
import { test } from 'node:test';
import { onlineTrial } from './online-trial.ts';
import { chosenWorlds, describeTally, tryWorlds } from './worlds.ts';

test('online answers of random worlds are what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(20);
  t.diagnostic(describeTally(await tryWorlds(onlineTrial, first, count), first));
});
