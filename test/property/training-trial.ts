// Training sets of random worlds, by every physical strategy that can differ for them.
import { randomWorld } from '../oracle/random-worlds.ts';
import type { World } from '../oracle/world.ts';
import { STRATEGIES, trainingMismatch } from './plumb-training.ts';
import type { Trial } from './worlds.ts';

export const trainingTrial: Trial = {
  name: 'training set',
  world: (seed) => randomWorld(seed, { bytes: seed % 7 === 0, labels: seed % 2 === 0 }),
  async mismatch(world) {
    for (const [strategy, limits] of Object.entries(STRATEGIES)) {
      if (limits.pairsPerRow === 0 && !hasFrames(world)) continue;
      const mismatch = await trainingMismatch(world, limits);
      if (mismatch !== undefined) return `${strategy}: ${mismatch}`;
    }
    return undefined;
  },
};

/** Only windows that are visible by event time have frames; for anything else the strategies are the same SQL. */
const hasFrames = ({ definitions }: World): boolean =>
  definitions.featureViews.some((view) => view.kind !== 'row' && view.visibleFrom !== 'created_time');
