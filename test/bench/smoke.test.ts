// Benches cannot rot: they run at small sizes, and the hand-written queries compute what Plumb computes.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CONTENDERS } from '../../bench/codec/contenders.ts';
import { FEATURE_SETS, featureSet } from '../../bench/codec/feature-sets.ts';
import type { RowFormat } from '../../bench/codec/row-format.ts';
import { requireOk } from '../../bench/measured-process.ts';
import { PIECES, readOptions } from '../../bench/options.ts';
import { plumbProject } from '../../bench/plumb-project.ts';
import { plumbContender, QUERIES, queryContender } from '../../bench/training/contenders.ts';
import { definitions, REFRESHES, SERVICE } from '../../bench/training/features.ts';
import { differences } from '../../bench/training/verify.ts';
import { SHAPES, worldFolder } from '../../bench/training/world.ts';

const folder = await mkdtemp(join(tmpdir(), 'plumb-bench-test-'));
after(() => rm(folder, { recursive: true, force: true }));

/** Whole minutes: events, labels and window edges meet. */
const TICK_MICROS = 60_000_000;

for (const shape of SHAPES) {
  test(`hand-written queries compute Plumb's features: ${shape} keys`, async () => {
    const options = readOptions(['--quick', '--data', folder]);
    const world = await worldFolder(folder, {
      shape,
      events: 20_000,
      labels: 2_000,
      keys: 40,
      seed: 7,
      tickMicros: TICK_MICROS,
    });
    await using project = await plumbProject(options, definitions(`${world}/events/*.parquet`));
    for (const refresh of REFRESHES) {
      const expected = join(folder, 'plumb.parquet');
      assert.equal((await plumbContender(project, world).run(refresh, expected)).outcome, 'ok');
      for (const query of QUERIES) {
        const actual = join(folder, `${query}.parquet`);
        const run = await queryContender(options, world, query).run(refresh, actual);
        assert.equal(run.outcome, 'ok', run.message ?? '');
        assert.deepEqual(await differences(expected, actual, `${SERVICE[refresh]}__`), {}, `${query}, ${refresh}`);
      }
    }
  });
}

for (const [set, features] of FEATURE_SETS) {
  test(`all ways to lay rows answer the same: ${features} ${set}`, () => {
    const { schema, columns } = featureSet(set, features, 50, 3);
    const picked = schema.map((_feature, i) => i).filter((i) => i % 3 !== 1);
    const expected = JSON.parse(textOf('text')) as readonly unknown[];
    assert.equal(expected.length, 50);
    for (const name of Object.keys(CONTENDERS)) {
      const { format, rows } = formatted(name);
      assert.equal(textOf(name), textOf('text'), name);
      for (const [i, column] of columns.entries()) assert.deepEqual(format.values(rows, i), column, name);
    }

    function formatted(name: string): { readonly format: RowFormat; readonly rows: readonly Uint8Array[] } {
      const format = (CONTENDERS[name] as (typeof CONTENDERS)[string])(schema);
      return { format, rows: Array.from({ length: 50 }, (_value, i) => format.encode(columns, i)) };
    }
    function textOf(name: string): string {
      const { format, rows } = formatted(name);
      return Buffer.from(format.answer(rows, picked)).toString();
    }
  });
}

test('benches run and keep their raw values', async () => {
  const results = join(folder, 'results');
  const run = join(import.meta.dirname, '..', '..', 'bench', 'run.ts');
  // The other shape of training sets runs the same code.
  const pieces = PIECES.filter((piece) => piece !== 'training-uniform');
  const sizes = ['--events', '5000', '--labels', '500', '--rows', '500', '--scale', '5000'];
  const args = [run, '--quick', '--only', pieces.join(','), ...sizes, '--data', folder, '--results', results];
  const out = await requireOk({ args, cwd: folder, timeoutSeconds: 120 });
  const files = await readdir(results);
  for (const piece of pieces) {
    assert.ok(
      files.some((file) => file.endsWith(`-${piece}.json`)),
      `${piece}: ${files.join(', ')}`,
    );
    assert.ok(out.includes(`## ${piece}`));
  }
  assert.doesNotMatch(out, /failed|timeout|out of memory/);
});
