// Training sets: Plumb against the fastest of the hand-written queries, for one shape.
import type { Run } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { plumbProject } from '../plumb-project.ts';
import type { Bench } from '../results.ts';
import { gibibytes, median, peakOf, runText, say, seconds } from '../results.ts';
import type { Contender } from './contenders.ts';
import { plumbContender, QUERIES, queryContender } from './contenders.ts';
import type { Refresh } from './features.ts';
import { definitions, REFRESHES } from './features.ts';
import type { Shape } from './world.ts';
import { worldFolder } from './world.ts';

export const TICK_MICROS = 1000;
/** What takes longer is measured once. */
const REPEATED_SECONDS = 180;

interface Measured {
  readonly refresh: Refresh;
  readonly contender: string;
  readonly runs: readonly Run[];
}

export async function trainingBench(options: Options, shape: Shape): Promise<Bench> {
  const { events, labels, keys, seed } = options;
  const world = await worldFolder(options.dataFolder, { shape, events, labels, keys, seed, tickMicros: TICK_MICROS });
  await using project = await plumbProject(options, definitions(`${world}/events/*.parquet`));
  const all = [plumbContender(project, world), ...QUERIES.map((query) => queryContender(options, world, query))];
  const contenders = all.filter(({ name }) => options.contenders?.includes(name) ?? true);
  const measured: Measured[] = [];
  const refreshes = REFRESHES.filter((refresh) => options.refreshes?.includes(refresh) ?? true);
  for (const refresh of refreshes) measured.push(...(await rounds(options, shape, refresh, contenders)));
  const name = ['training', shape, ...(options.contenders ?? [])].join('-');
  return { name, table: tableOf(shape, measured), raw: measured };
}

/** In alternating order: what the machine does meanwhile hits all of them alike. */
async function rounds(
  options: Options,
  shape: Shape,
  refresh: Refresh,
  contenders: readonly Contender[],
): Promise<Measured[]> {
  const runs = new Map(contenders.map(({ name }) => [name, [] as Run[]]));
  for (let round = 0; round < options.runs; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const before = runs.get(contender.name) ?? [];
      if (before.some(({ outcome, wallSeconds }) => outcome !== 'ok' || wallSeconds > REPEATED_SECONDS)) continue;
      const run = await contender.run(refresh, null);
      before.push(run);
      say(`${shape} ${refresh} ${contender.name}: ${runText(run)}`);
    }
  }
  return [...runs].map(([contender, ofContender]) => ({ refresh, contender, runs: ofContender }));
}

function tableOf(shape: Shape, measured: readonly Measured[]): Bench['table'] {
  const head = ['keys, view', 'who', 'wall', 'runs', 'peak memory', 'Plumb / this'];
  const rows = measured.map(({ refresh, contender, runs }) => {
    const own = wallOf(measured, refresh, 'plumb');
    const wall = wallOf(measured, refresh, contender);
    const ratio = own === null || wall === null ? '' : (own / wall).toFixed(2);
    const fastest = contender !== 'plumb' && contender === fastestOf(measured, refresh) ? ' (fastest query)' : '';
    const told =
      wall === null
        ? runs[0]?.outcome === 'timeout'
          ? `over ${seconds(runs[0].wallSeconds)} s`
          : failure(runs)
        : `${seconds(wall)} s`;
    return [
      `${shape}, ${refresh}`,
      `${contender}${fastest}`,
      told,
      String(runs.length),
      gibibytes(peakOf(runs)),
      ratio,
    ];
  });
  return [head, ...rows];
}

/** The median; null unless every run succeeded. */
function wallOf(measured: readonly Measured[], refresh: Refresh, name: string): number | null {
  const runs = measured.find((one) => one.refresh === refresh && one.contender === name)?.runs ?? [];
  return runs.length > 0 && runs.every(({ outcome }) => outcome === 'ok') ? median(runs).wallSeconds : null;
}

function fastestOf(measured: readonly Measured[], refresh: Refresh): string | null {
  const walls = QUERIES.map((name) => ({ name, wall: wallOf(measured, refresh, name) })).filter(
    ({ wall }) => wall !== null,
  );
  return walls.toSorted((a, b) => (a.wall ?? 0) - (b.wall ?? 0))[0]?.name ?? null;
}

const failure = (runs: readonly Run[]): string =>
  runs.some(({ message }) => /out of memory/i.test(message ?? '')) ? 'out of memory' : 'failed';
