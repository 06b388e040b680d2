// Plans as SQL, in every dialect.
import { test } from 'node:test';
import type { IncrementNode, RootNode } from '../../src/plan/nodes.ts';
import { compileMaterialization, compileTrainingSet } from '../../src/sql/compile.ts';
import type { CompileContext } from '../../src/sql/context.ts';
import type { Script } from '../../src/sql/script.ts';
import { DIALECTS, NOT_SUPPORTED } from './dialects.ts';
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

function compiled(context: CompileContext, plan: RootNode): string {
  if (plan.kind === 'materialization') return textOf(compileMaterialization(context, plan, STORED));
  const names = [...plan.labels.keys.map(({ column }) => column), plan.labels.timestampColumn];
  return textOf(compileTrainingSet(context, plan, { names, interval: INTERVAL }));
}

const textOf = ({ strategy, steps, result }: Script): string =>
  [
    ...strategy.map((line) => `-- strategy: ${line}`),
    ...steps.map(({ purpose, sql }) => `\n-- ${purpose}\n${sql};`),
    `\n-- result\n${result};\n`,
  ].join('\n');

for (const [dialect, context] of Object.entries(DIALECTS)) {
  const skip = context === NOT_SUPPORTED && `${dialect}: ${NOT_SUPPORTED}`;
  for (const [name, plan] of PLANS) {
    test(`${dialect}: ${name}`, { skip }, async () => {
      if (context !== NOT_SUPPORTED) await equalsGolden(`${dialect}/${name}.sql`, compiled(context, plan));
    });
    if (plan.kind !== 'materialization' || plan.values.kind !== 'latest_row') continue;
    test(`${dialect}: ${name}, incremental`, { skip }, async () => {
      if (context === NOT_SUPPORTED) return;
      await equalsGolden(
        `${dialect}/${name}-incremental.sql`,
        compiled(context, { ...plan, increment: INCREMENT, tombstones: false }),
      );
    });
  }
}
