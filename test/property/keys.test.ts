// Labels without a file: the keys of each view of random worlds, on a grid, are those that a lookup would find.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servableViews } from '../../src/catalog/look-up.ts';
import { expectedKeys } from '../oracle/naive-evaluator.ts';
import { type RandomWorld, randomWorld } from '../oracle/random-worlds.ts';
import { readRow } from '../oracle/rows.ts';
import { named } from '../oracle/world.ts';
import { OnlineProject } from './plumb-online.ts';
import { chosenWorlds, type Trial, tryWorlds } from './worlds.ts';

const HOUR = 3_600_000_000n;
/** Among them distances that do not divide windows, hops and boundaries. */
const DISTANCES = [HOUR, 24n * HOUR, 7n * 60_000_000n, 1n];

let found = 0;

const keysTrial: Trial = {
  name: 'keys of views',
  world: (seed) => randomWorld(seed, { maxViews: 3, labels: seed % 3 === 0 }),
  async mismatch(world) {
    await using project = await OnlineProject.create(world, {
      store: 'memory',
      format: world.seed % 2 === 0 ? 'parquet' : 'jsonl',
    });
    for (const { grid, instants } of grids(world)) {
      for (const view of servableViews(project.catalog)) {
        const got = await project.keys(view, grid);
        const want = expectedKeys(world, named(world.definitions.featureViews, view.name), instants);
        const rows = want.flatMap((keys, i) => keys.map((key) => [instants[i], ...key].map(String).join(' ')));
        found += got.length;
        const times = got.map((line) => BigInt(line.split(' ')[0] ?? ''));
        if (times.some((t, i) => i > 0 && t < (times[i - 1] ?? t))) return `${view.name}: not in the order of instants`;
        if (got.toSorted().join('\n') !== rows.toSorted().join('\n'))
          return `${view.name}: found ${got.join('; ')}, expected ${rows.join('; ')}`;
      }
    }
    return undefined;
  },
};

/** From instants of labels, which lie on and beside the edges of windows. */
function grids(world: RandomWorld) {
  const { labels } = world;
  return labels.rows.slice(0, 2).map((cells, i) => {
    const fromMicros = readRow(labels, cells)[labels.timestampColumn] as bigint;
    const everyMicros = DISTANCES[(world.seed + i) % DISTANCES.length] ?? HOUR;
    const instants = Array.from({ length: 5 }, (_, step) => fromMicros + BigInt(step) * everyMicros);
    return { grid: { fromMicros, toMicros: fromMicros + 5n * everyMicros, everyMicros }, instants };
  });
}

test('the keys of views on a grid are those that a lookup would find', async (t) => {
  const { first, count } = chosenWorlds(8);
  await tryWorlds(keysTrial, first, count);
  t.diagnostic(`${count} worlds from seed ${first}, ${found} keys`);
  assert.ok(found > 0, 'no world has a key');
});
