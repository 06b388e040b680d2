import { test } from 'node:test';
import { verifyTrial } from './verify-trial.ts';
import { chosenWorlds, describeTally, tryWorlds } from './worlds.ts';

test('verify finds no difference in random worlds', async (t) => {
  const { first, count } = chosenWorlds(2);
  t.diagnostic(describeTally(await tryWorlds(verifyTrial, first, count), first));
});
