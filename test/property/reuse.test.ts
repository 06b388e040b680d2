// A few random worlds; PLUMB_WORLDS makes them more.
import { test } from 'node:test';
import { reuseTrial } from './reuse-trial.ts';
import { chosenWorlds, describeTally, tryWorlds } from './worlds.ts';

test('a training set with reuse is, byte for byte, the one from scratch', async (t) => {
  const { first, count } = chosenWorlds(6);
  t.diagnostic(describeTally(await tryWorlds(reuseTrial, first, count), first));
});
