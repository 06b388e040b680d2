// Answers of lookups in JSON and in Arrow: what each costs the server and the SDK, in time and bytes.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { requireOk } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { type Bench, middle, say, thousands } from '../results.ts';
import type { AnswersRun, Micros, Reading } from './measure-answers.ts';

const SETS = ['doubles', 'mixed'].flatMap((set) => [20, 200].map((features) => ({ set, features })));

interface Measured extends AnswersRun {
  readonly set: string;
  readonly features: number;
}

export async function answersBench(options: Options): Promise<Bench> {
  await mkdir(options.dataFolder, { recursive: true });
  const raw: Measured[] = [];
  for (let round = 0; round < options.runs; round += 1)
    for (const { set, features } of round % 2 === 0 ? SETS : SETS.toReversed()) {
      const runs = await measureAnswers(options, set, features);
      raw.push(...runs.map((run) => ({ ...run, set, features })));
      say(`${set} × ${features}: measured`);
    }
  return { name: 'answers', table: tableOf(raw), raw };
}

async function measureAnswers(options: Options, set: string, features: number): Promise<readonly AnswersRun[]> {
  const script = join(import.meta.dirname, 'measure-answers.ts');
  const args = [script, set, features, options.seed, options.quick ? 1 : 500].map(String);
  const { dataFolder: cwd, timeoutSeconds } = options;
  return JSON.parse(await requireOk({ args, cwd, timeoutSeconds })) as readonly AnswersRun[];
}

/** A cell of a reading: µs of processor time of server + SDK, then of the wall clock. */
function tableOf(raw: readonly Measured[]): Bench['table'] {
  const kinds = Map.groupBy(raw, ({ set, features, entities }) => `${entities} × ${features} ${set}`);
  const readings = Object.keys(raw[0]?.micros ?? {}) as Reading[];
  const rows = [...kinds].map(([name, runs]) => {
    const micros = (reading: Reading, part: keyof Micros): string =>
      thousands(middle(runs.map((run) => run.micros[reading][part])));
    const cells = readings.map(
      (reading) => `${micros(reading, 'server')} + ${micros(reading, 'sdk')}; ${micros(reading, 'wall')}`,
    );
    const { json = 0, arrow = 0 } = runs[0]?.bytes ?? {};
    return [name, thousands(json), thousands(arrow), ...cells];
  });
  return [['entities × features', 'JSON bytes', 'Arrow bytes', ...readings], ...rows];
}
