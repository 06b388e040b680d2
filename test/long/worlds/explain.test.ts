import { test } from 'node:test';
import { explainTrial } from '../../property/explain-trial.ts';
import { chosenWorlds, describeTally, tryWorlds } from '../../property/worlds.ts';

test('each answer of random worlds equals what its explanation computes anew', async (t) => {
  const { first, count } = chosenWorlds(3);
  t.diagnostic(describeTally(await tryWorlds(explainTrial, first, count), first));
});
