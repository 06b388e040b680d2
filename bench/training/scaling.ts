// How Plumb's time and memory grow with the events: with a constant number of labels, and with one label per ten events.

import type { Run } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { plumbProject } from '../plumb-project.ts';
import type { Bench } from '../results.ts';
import { gibibytes, runText, say, seconds, thousands } from '../results.ts';
import { plumbContender } from './contenders.ts';
import { definitions } from './features.ts';
import { TICK_MICROS } from './training.ts';
import type { Shape } from './world.ts';
import { SHAPES, worldFolder } from './world.ts';

const EVENTS_PER_LABEL = 10;

interface Step {
  readonly shape: Shape;
  readonly events: number;
  readonly labels: number;
  readonly run: Run;
}

export async function scalingBench(options: Options): Promise<Bench> {
  const steps: Step[] = [];
  for (const shape of SHAPES) {
    for (const [events, labels] of sizes(options)) {
      const step = await measureStep(options, shape, events, labels);
      steps.push(step);
      say(`scaling ${shape}, ${thousands(events)} events, ${thousands(labels)} labels: ${runText(step.run)}`);
    }
  }
  const rows = steps.map(({ shape, events, labels, run }) => [
    shape,
    thousands(events),
    thousands(labels),
    run.outcome === 'ok' ? `${seconds(run.wallSeconds)} s` : run.outcome,
    thousands((events + labels) / run.wallSeconds),
    gibibytes(run.peakBytes),
  ]);
  const head = ['keys', 'events', 'labels', 'wall', '(events + labels) / s', 'peak memory'];
  return { name: 'scaling', table: [head, ...rows], raw: steps };
}

/** Constant labels first, then proportional ones; the size that both have is measured once. */
function sizes({ scale, labels }: Options): readonly (readonly [number, number])[] {
  const pairs = [
    ...scale.map((events) => [events, labels] as const),
    ...scale.map((events) => [events, Math.ceil(events / EVENTS_PER_LABEL)] as const),
  ];
  return pairs.filter(([events, count], i) => pairs.findIndex(([e, c]) => e === events && c === count) === i);
}

async function measureStep(options: Options, shape: Shape, events: number, labels: number): Promise<Step> {
  const { keys, seed } = options;
  const world = await worldFolder(options.dataFolder, { shape, events, labels, keys, seed, tickMicros: TICK_MICROS });
  await using project = await plumbProject(options, definitions(`${world}/events/*.parquet`));
  return { shape, events, labels, run: await plumbContender(project, world).run('continuous', null) };
}
