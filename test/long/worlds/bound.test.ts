// A few random worlds; PLUMB_WORLDS makes them more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundTrial, seen } from '../../property/bound-trial.ts';
import { chosenWorlds, describeTally, tryWorlds } from '../../property/worlds.ts';

test('a bound training set is served as the definitions that it was made of say, whatever is defined since', async (t) => {
  const { first, count } = chosenWorlds(8);
  const tally = await tryWorlds(boundTrial, first, count);
  const { answers, ofFormer, refused, erasures } = seen;
  t.diagnostic(
    `${describeTally(tally, first)}; ${answers} answers, ${ofFormer} of former definitions, ${refused} refused, ${erasures} erasures`,
  );
  assert.ok(ofFormer > 0, 'no bound set had a former definition');
});
