// `verify` over random worlds, which are right: whatever it says that differs is a mistake of its own, or of Plumb.
import { randomWorld } from '../oracle/random-worlds.ts';
import type { World } from '../oracle/world.ts';
import { OnlineProject } from './plumb-online.ts';
import type { Trial } from './worlds.ts';

export const verifyTrial: Trial = {
  name: 'verify',
  world: (seed) => randomWorld(seed, { level: 2, maxViews: 3, bytes: seed % 7 === 0, labels: seed % 3 === 0 }),
  mismatch: async (world) => {
    try {
      return await verifyMismatch(world, world.seed % 2 === 0 ? 'parquet' : 'jsonl');
    } catch (error) {
      return `failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  },
};

async function verifyMismatch(world: World, format: 'parquet' | 'jsonl'): Promise<string | undefined> {
  await using project = await OnlineProject.create(world, { store: 'memory', format });
  for (const step of world.online ?? []) await project.append(step.append);
  const { compared, differences, examples, skipped } = await project.verify();
  const isEmpty = compared === 0 && skipped.length === 0;
  if (differences === 0 && !isEmpty) return undefined;
  return `${differences} of ${compared} differ: ${JSON.stringify(examples, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}`;
}
