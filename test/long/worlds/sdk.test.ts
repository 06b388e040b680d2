// Random worlds all the way: materialized into a real Redis, served over HTTP, asked by the SDK. What arrives is what the
// oracle says.
import { test } from 'node:test';
import { sdkTrial } from '../../property/sdk-trial.ts';
import { chosenWorlds, describeTally, tryWorlds } from '../../property/worlds.ts';

test('what the SDK is answered of random worlds in Redis is what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(5);
  t.diagnostic(describeTally(await tryWorlds(sdkTrial('redis'), first, count), first));
});
