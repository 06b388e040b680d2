// Training sets of features that choose their own rows (`where`, `offset`, `by`), beside a hand-written query with the same
// results (bench/baselines/own-rows.sql).
import type { DefinitionsInput } from '../../schemas/builders.ts';
import type { Run } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { plumbProject } from '../plumb-project.ts';
import { median, runText, say } from '../results.ts';
import { createDataset, queryContender } from '../training/contenders.ts';
import { TICK_MICROS } from '../training/training.ts';
import { worldFolder } from '../training/world.ts';
import type { Figure, Part } from './figure.ts';

export const OWN_ROWS = 'own_rows';
export const QUERY = 'own-rows';

export const ownRowsDefinitions = (eventsPath: string): DefinitionsInput => ({
  entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
  sources: [{ name: 'events', kind: 'batch', path: eventsPath, format: 'parquet', timestampColumn: 'ts' }],
  featureViews: [
    {
      ...{ name: OWN_ROWS, kind: 'aggregate', entities: ['user'], source: 'events' },
      features: [
        { name: 'dear_count', aggregate: 'count', window: '7d', where: 'amount > 50' },
        { name: 'dear_sum', aggregate: 'sum', column: 'amount', window: '7d', where: 'amount > 50' },
        { name: 'before_count', aggregate: 'count', window: '7d', offset: '7d' },
        { name: 'before_sum', aggregate: 'sum', column: 'amount', window: '7d', offset: '7d' },
        { name: 'sum_by_item', aggregate: 'sum', column: 'amount', by: 'item', top: 5, window: '7d' },
      ],
    },
  ],
  featureServices: [{ name: OWN_ROWS, features: [`${OWN_ROWS}:*`] }],
});

type Who = 'plumb' | 'query';

export async function ownRows(options: Options): Promise<Part> {
  const { dataFolder, events, labels, keys, seed } = options;
  const world = await worldFolder(dataFolder, {
    ...{ shape: 'uniform', tickMicros: TICK_MICROS },
    ...{ events, labels, keys, seed },
  });
  await using project = await plumbProject(options, ownRowsDefinitions(`${world}/events/*.parquet`));
  const query = queryContender(options, world, QUERY);
  const run: Readonly<Record<Who, () => Promise<Run>>> = {
    plumb: () => createDataset(project, world, { service: OWN_ROWS, result: null }),
    query: () => query.run('continuous', null),
  };
  const runs: Readonly<Record<Who, Run[]>> = { plumb: [], query: [] };
  for (let round = 0; round < options.runs; round += 1)
    for (const who of round % 2 === 0 ? (['plumb', 'query'] as const) : (['query', 'plumb'] as const)) {
      const measured = await run[who]();
      runs[who].push(measured);
      say(`training set with where, offset and by, ${who}: ${runText(measured)}`);
    }
  return { figures: figuresOf(options, runs), raw: runs };
}

function figuresOf({ labels, events }: Options, runs: Readonly<Record<Who, readonly Run[]>>): readonly Figure[] {
  const failed = Object.values(runs)
    .flat()
    .find(({ outcome }) => outcome !== 'ok');
  if (failed !== undefined) throw new Error(`training set with where, offset and by: ${runText(failed)}`);
  const figure = (unit: string, aim: string, value: (run: Run) => number): Figure => ({
    ...{ measure: `training set with where, offset and by, ${labels} labels × ${events} events`, unit, aim },
    ...{ own: value(median(runs.plumb)), against: 'hand-written SQL', other: value(median(runs.query)) },
  });
  return [
    figure('s', '≤ 1.3', ({ wallSeconds }) => wallSeconds),
    figure('s of processor time', '', ({ cpuSeconds }) => cpuSeconds ?? Number.NaN),
    figure('MiB at the peak', '', ({ peakBytes }) => (peakBytes ?? Number.NaN) / 2 ** 20),
  ];
}
