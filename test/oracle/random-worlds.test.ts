// The generator: deterministic, valid, on the edges; and the aid that makes failing worlds small.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oracleOf } from './aggregates.ts';
import { compareOnline, compareTraining } from './compare.ts';
import { expectedOnline, expectedTraining } from './naive-evaluator.ts';
import { randomWorld, toCase, worldStats } from './random-worlds.ts';
import { shrink } from './shrink.ts';
import { hopOf } from './windows.ts';
import { type ConformanceCase, serviceFeatures } from './world.ts';

const WORLDS = 200;
const worlds = Array.from({ length: WORLDS }, (_, seed) => randomWorld(seed));

test('one seed is one world', () => {
  assert.deepEqual(randomWorld(7), randomWorld(7));
  assert.notDeepEqual(randomWorld(7).tables, randomWorld(8).tables);
});

test('definitions are valid', () => {
  for (const world of worlds) {
    const outputs = serviceFeatures(world).map((item) => item.output);
    const labels = world.labels.columns.map(([name]) => name);
    assert.equal(new Set([...outputs, ...labels]).size, outputs.length + labels.length, `${world.name}: names collide`);
    for (const view of world.definitions.featureViews) {
      if (view.kind === 'row' || view.refresh) continue;
      const hops = view.features.filter((feature) => feature.window !== 'unbounded').map(hopOf);
      assert.ok(
        hops.every((a) => hops.every((b) => a % b === 0n || b % a === 0n)),
        world.name,
      );
      const isRefused = view.features.some(
        (f) => f.window === 'unbounded' && oracleOf(f.aggregate ?? '').needsBound === true,
      );
      assert.ok(!isRefused, world.name);
    }
  }
});

test('level 1 worlds have no continuous aggregates', () => {
  for (let seed = 0; seed < 50; seed++) assert.equal(randomWorld(seed, { level: 1 }).level, 1);
});

test('many labels meet an event exactly on an edge, and every status occurs', () => {
  const stats = worlds.map(worldStats);
  const edgeShare = stats.reduce((sum, world) => sum + world.edgeShare, 0) / WORLDS;
  assert.ok(edgeShare > 0.35, `edge share ${edgeShare}`);
  assert.ok(stats.some((world) => world.trainingFails) && stats.some((world) => world.servesInvalid));
  const statuses = new Set(worlds.flatMap((world) => expectedOnline(world).flatMap((step) => step.statuses.flat())));
  assert.equal(statuses.size, 6);
});

test('a world survives being written as a case', () => {
  for (const world of worlds) {
    const written = JSON.parse(JSON.stringify(toCase(world))) as ConformanceCase;
    const training = expectedTraining(written);
    if (written.expected.error) assert.notEqual(training.error, undefined, world.name);
    else assert.equal(compareTraining(training, written.expected), undefined, world.name);
    expectedOnline(written).forEach((step, i) => {
      const { rows = [], statuses = [] } = written.online?.[i] ?? {};
      assert.equal(compareOnline(step, { columns: step.columns, rows, statuses }), undefined, world.name);
    });
  }
});

test('a failing world shrinks to what makes it fail', async () => {
  const world = worlds.find((candidate) => expectedTraining(candidate).rows.flat().includes('click'));
  assert.ok(world);
  const printed: string[] = [];
  const fails = (candidate: typeof world) => expectedTraining(candidate).rows.flat().includes('click');
  const smallest = await shrink(world, fails, (text: string) => printed.push(text));
  assert.equal(serviceFeatures(smallest).length, 1);
  assert.equal(smallest.labels.rows.length, 1);
  assert.equal(Object.values(smallest.tables).flatMap((table) => table.rows).length, 1);
  assert.equal(smallest.online?.length, 0);
  assert.match(printed.join(), new RegExp(world.name));
});
