// Random worlds all the way: materialized into real Redis servers, served over HTTP, asked by the SDK. What arrives is what the
// oracle says.
import { join } from 'node:path';
import { type FeatureRow, type KeyValue, PlumbClient } from '../../sdk/typescript/src/index.ts';
import { createLookups } from '../../src/http/lookup/lookups.ts';
import { startServer } from '../../src/http/server.ts';
import { FileObjectStore } from '../../src/storage/file/file-object-store.ts';
import { compareOnline } from '../oracle/compare.ts';
import { expectedOnline } from '../oracle/naive-evaluator.ts';
import { randomWorld } from '../oracle/random-worlds.ts';
import { itemAt, type OnlineStep, type World } from '../oracle/world.ts';
import { fakeParts } from '../support/fake-parts.ts';
import { OnlineProject } from './plumb-online.ts';
import type { Trial } from './worlds.ts';

/** What the SDK is answered of a world that lives in that store. */
export const sdkTrial = (store: 'redis' | 'cluster'): Trial => ({
  name: 'sdk',
  world: (seed) => randomWorld(seed, { level: 1, maxViews: 3, bytes: seed % 7 === 0 }),
  mismatch: (world) => mismatch(world, store),
});

async function mismatch(world: World, store: 'redis' | 'cluster'): Promise<string | undefined> {
  const expected = expectedOnline(world);
  try {
    await using project = await OnlineProject.create(world, { store, format: 'jsonl' });
    await using server = await serve(project);
    const steps = world.online ?? [];
    for (const [i, step] of steps.entries()) {
      const former = steps[i - 1];
      await project.append(step.append);
      if (step.append !== undefined || step.until !== former?.until)
        await project.materialize(step.until, 'incremental');
      const differs = compareOnline(itemAt(expected, i), await ask(server.client, world, step));
      if (differs !== undefined) return `online step ${i}: ${differs}`;
    }
    return undefined;
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function serve({ folder, catalog, online }: OnlineProject) {
  const lookup = createLookups({ current: async () => catalog }, online);
  const store = new FileObjectStore({ root: join(folder, 'storage') });
  const parts = fakeParts(store, catalog);
  const server = await startServer({
    ...parts,
    limits: { ...parts.limits, bodyBytes: 1_000_000, entitiesPerRequest: 1000 },
    lookup,
    ready: async () => {},
    host: '127.0.0.1',
    port: 0,
  });
  return {
    client: new PlumbClient({ url: server.url }),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** Every column by its name too: `objects` and `rows` must say the same. */
async function ask(client: PlumbClient, { service }: World, { entities, at }: OnlineStep) {
  const keys = entities as readonly Readonly<Record<string, KeyValue>>[];
  const answer = await client.lookup({ service, entities: keys, at, statuses: true });
  const rows = answer.objects().map((row: FeatureRow) => answer.features.map((name) => row[name]));
  return { columns: answer.features, rows, statuses: answer.statuses ?? [] };
}
