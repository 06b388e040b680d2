// Plans as SQL, in every engine.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import type { EntriesNode } from '../../src/plan/entries-node.ts';
import type { IncrementNode, RootNode } from '../../src/plan/nodes.ts';
import type { EngineCompiler } from '../../src/sql/engine-compiler.ts';
import type { EntriesScript } from '../../src/sql/entries.ts';
import { explainedSteps, type Script } from '../../src/sql/script.ts';
import { supported, testInEngines } from '../support/engines.ts';
import { COMPILERS } from './engines.ts';
import { equalsGolden } from './golden-file.ts';
import { PLANS } from './plans.ts';

const DAY = 86_400_000_000n;
const INTERVAL = { fromMicros: 1_767_225_600_000_000n, toMicros: 1_767_225_600_000_000n + 30n * DAY };
const INCREMENT: IncrementNode = {
  kind: 'increment',
  eventMicros: INTERVAL.fromMicros,
  createdMicros: INTERVAL.fromMicros,
};
const STORED = { rows: 'what_earlier_runs_wrote', keys: 'what_earlier_runs_wrote' };

function compiled(engine: EngineCompiler, plan: RootNode | EntriesNode): string {
  if (plan.kind === 'materialization') return textOf(engine.compileMaterialization(plan, STORED));
  if (plan.kind === 'entries') return entriesText(engine.compileEntries(plan, STORED.keys));
  if (plan.kind === 'keys') return textOf(engine.compileKeys(plan));
  const names = [...plan.labels.keys.map(({ column }) => column), plan.labels.timestampColumn];
  return textOf(engine.compileTrainingSet(plan, { names, interval: INTERVAL }));
}

const NUMBERS = { first: 1, last: 2048 };

const entriesText = (script: EntriesScript): string => {
  const { parts, keys, rows, hops } = script.fragment;
  const selects = [parts, keys(NUMBERS), rows(NUMBERS), ...hops.map(({ select }) => select(NUMBERS))];
  return `${textOf(script)}\n-- read key by key\n${selects.join(';\n')};\n`;
};

const textOf = (script: Script): string =>
  [
    ...script.strategy.map((line) => `-- strategy: ${line}\n`),
    ...explainedSteps(script).map((step) => `\n${step};\n`),
  ].join('');

function golden(file: string, plan: RootNode | EntriesNode): void {
  testInEngines(COMPILERS, file, (engine, kind) => equalsGolden(`${kind}/${file}.sql`, compiled(engine, plan)));
}

for (const [file, plan] of PLANS) {
  golden(file, plan);
  if (plan.kind === 'materialization' && plan.values.kind === 'latest_row')
    golden(`${file}-incremental`, { ...plan, increment: INCREMENT, tombstones: false });
}

test('an engine with a folder in src/sql is in the table, and is supported', async () => {
  const entries = await readdir(new URL('../../src/sql/', import.meta.url), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(folders.toSorted(), supported(COMPILERS).toSorted());
});
