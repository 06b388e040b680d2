// Lookups of a continuous view beside the same features of a scheduled one: the same server, keys and load. Each request names
// an instant of its own in the hour after the run, as each lookup without one would have: windows are placed anew for each.

import type { Options } from '../options.ts';
import { mulberry32 } from '../random.ts';
import { middle, say, thousands } from '../results.ts';
import { startServerProcess } from '../serving/server-process.ts';
import { type Measured, measureClosed, SERVE } from '../serving/serving.ts';
import { continuousProject, EVENTS_PER_KEY, eventsOf } from './continuous-project.ts';
import { type Events, UNTIL } from './events.ts';
import type { Figure, Part } from './figure.ts';
import { TEN, type Ten } from './views.ts';

const ENTITIES = [1, 100] as const;
/** About this many random keys per load. */
const DRAWS = 100_000;
const HOUR_MILLIS = 3_600_000;

interface Asked extends Events {
  readonly view: Ten;
  readonly entities: number;
}

interface Load extends Asked, Measured {
  readonly round: number;
}

export async function lookups(options: Options): Promise<Part> {
  const loads: Load[] = [];
  for (const eventsPerKey of EVENTS_PER_KEY) {
    const events = eventsOf(options, eventsPerKey);
    await using filled = await continuousProject(options, events, TEN);
    await filled.project.plumbOk('materialize', '--until', UNTIL);
    for (let round = 0; round < options.runs; round += 1)
      for (const entities of ENTITIES)
        for (const view of round % 2 === 0 ? TEN : TEN.toReversed()) {
          const load = { view, entities, round, ...events };
          const measured = { ...load, ...(await measureLoad(options, filled.project.folder, load)) };
          loads.push(measured);
          say(loadText(measured));
        }
  }
  return { figures: figuresOf(loads), raw: loads };
}

async function measureLoad(options: Options, folder: string, asked: Asked): Promise<Measured> {
  await using server = await startServerProcess(SERVE, folder);
  return await measureClosed(options, server, (seed) => bodies(asked, seed));
}

const loadText = ({ view, entities, eventsPerKey, requestsPerSecond, cpuMicros }: Load): string =>
  `${eventsPerKey} events a key, ${entities} × 10, ${view}: ${thousands(requestsPerSecond)} requests/s, ${cpuMicros?.toFixed(0) ?? '?'} µs of processor time`;

function bodies({ view, entities, keys }: Asked, seed: number): readonly string[] {
  const random = mulberry32(seed);
  return Array.from({ length: Math.ceil(DRAWS / entities) }, () => {
    const at = new Date(Date.parse(UNTIL) + Math.floor(random() * HOUR_MILLIS)).toISOString();
    const asked = Array.from({ length: entities }, () => `{"user_id":${Math.floor(random() * keys)}}`);
    return `{"service":"${view}","at":"${at}","entities":[${asked.join(',')}]}`;
  });
}

function figuresOf(loads: readonly Load[]): readonly Figure[] {
  const groups = Map.groupBy(loads, ({ eventsPerKey, entities }) => `${eventsPerKey} events a key, ${entities} × 10`);
  return [...groups].flatMap(([name, group]) => {
    const of = (view: Ten, value: (load: Load) => number): number =>
      middle(group.filter((load) => load.view === view).map(value));
    const figure = (unit: string, aim: string, value: (load: Load) => number): Figure => ({
      ...{ measure: `lookup, ${name}`, unit, aim },
      ...{ own: of('continuous', value), against: 'scheduled view', other: of('scheduled', value) },
    });
    return [
      figure('requests/s', '≥ 0.5', ({ requestsPerSecond }) => requestsPerSecond),
      figure('µs CPU a lookup', '', ({ cpuMicros }) => cpuMicros ?? Number.NaN),
    ];
  });
}
