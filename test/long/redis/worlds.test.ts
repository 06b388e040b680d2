// Random worlds in a Cluster, as test/long/worlds/sdk.test.ts has them on one Redis.
import { test } from 'node:test';
import { sdkTrial } from '../../property/sdk-trial.ts';
import { chosenWorlds, describeTally, tryWorlds } from '../../property/worlds.ts';

test('what the SDK is answered of random worlds in a Cluster is what the oracle says', async (t) => {
  const { first, count } = chosenWorlds(15);
  t.diagnostic(describeTally(await tryWorlds(sdkTrial('cluster'), first, count), first));
});
