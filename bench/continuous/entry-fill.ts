// Filling: `plumb materialize` of a continuous view's entries in a fresh process, beside the same features of a scheduled view,
// each into an empty store. Rates are of the whole command.
import type { Run } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { median, runText, say } from '../results.ts';
import { continuousProject } from './continuous-project.ts';
import { UNTIL } from './events.ts';
import type { Figure, Part } from './figure.ts';
import { TEN, type Ten } from './views.ts';

const EVENTS_PER_KEY = 10;

interface Fill extends Run {
  readonly view: Ten;
  readonly keys: number;
}

export async function entryFill(options: Options): Promise<Part> {
  const fills: Fill[] = [];
  for (let round = 0; round < options.runs; round += 1)
    for (const view of round % 2 === 0 ? TEN : TEN.toReversed()) {
      const fill = await measureFill(options, view);
      fills.push(fill);
      say(`fill of ${fill.keys} keys, ${view}: ${runText(fill)}`);
    }
  return { figures: figuresOf(fills), raw: fills };
}

async function measureFill(options: Options, view: Ten): Promise<Fill> {
  await using filled = await continuousProject(options, { keys: options.rows, eventsPerKey: EVENTS_PER_KEY }, TEN);
  const { stdout, ...run } = await filled.project.plumb('materialize', view, '--until', UNTIL, '--json');
  if (run.outcome !== 'ok') throw new Error(`materialize ${view}: ${runText(run)}\n${stdout}`);
  const { runs } = JSON.parse(stdout) as { readonly runs: readonly { readonly rowsWritten: number }[] };
  const [report] = runs;
  if (report === undefined) throw new Error(`materialize ${view}: no run in ${stdout}`);
  return { ...run, view, keys: report.rowsWritten };
}

function figuresOf(fills: readonly Fill[]): readonly Figure[] {
  const of = (view: Ten): Fill => median(fills.filter((fill) => fill.view === view));
  const figure = (unit: string, value: (fill: Fill) => number): Figure => ({
    ...{ measure: `fill of ${of('continuous').keys} keys × ${EVENTS_PER_KEY} events`, unit, aim: '' },
    ...{ own: value(of('continuous')), against: 'scheduled view', other: value(of('scheduled')) },
  });
  return [
    figure('keys/s', ({ keys, wallSeconds }) => keys / wallSeconds),
    figure('s of processor time', ({ cpuSeconds }) => cpuSeconds ?? Number.NaN),
    figure('MiB at the peak', ({ peakBytes }) => (peakBytes ?? Number.NaN) / 2 ** 20),
  ];
}
