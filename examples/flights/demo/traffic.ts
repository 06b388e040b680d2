// Continuous values: one run, then lookups at later and later instants. Nothing runs in between, and yet the values move: the
// server computes them anew for each instant. A training set with the same instants has to say the same.
import { join } from 'node:path';
import { compare, lookUp, type Row, readRows, runsBehind, show } from '../../demo/parity.ts';
import type { Plumb } from '../../demo/plumb.ts';
import { digits, line, step } from '../../demo/steps.ts';
import { writeAirports } from './data.ts';

const SERVICE = 'airport_traffic';
/** After the last flight of the data, which left at midnight: the run has all that a later training set has. */
const RUN = '2001-07-01T00:00:01Z';
const INSTANTS = [RUN, '2001-07-01T00:20:00Z', '2001-07-01T12:00:00Z'] as const;
const SHOWN = 'ORD';
const WIDTH = 38;

/** How many values differ between the server and the training set. */
export async function traffic(cli: Plumb, files: string, url: string): Promise<number> {
  await step(`plumb materialize traffic --until ${RUN}`, 'the only run of this part', async () => {
    await cli.run('materialize', 'traffic', '--until', RUN);
  });
  const training = await train(cli, files);
  const served = await step('POST /v1/online-features', 'answers the same, at the same instants', () =>
    serve(url, training),
  );
  const shown = training.findIndex(({ airport }) => airport === SHOWN);
  printAirport(shown, served);
  const { values, equal, identical, differences } = compare(training, served.flat());
  const moved = served.slice(1).map((rows) => countMoved(served[0] ?? [], rows));
  const counts = moved.map(digits).join(' and then ');
  console.log(`\n   ${counts} of ${digits(values / INSTANTS.length)} values are others than at first, without a run;`);
  console.log(`   ${digits(equal)} of ${digits(values)} values of all instants are equal to the training set's;`);
  console.log(`   ${digits(identical)} to the last digit, the others within 1e-9 of each other\n`);
  for (const difference of differences) console.log(`   ${difference}`);
  if (moved.includes(0)) throw new Error('no value moved: nothing was shown');
  return values - equal + Math.abs(training.length - served.flat().length);
}

/** All airports at the first instant, then at the second, and so on. */
async function train(cli: Plumb, files: string): Promise<readonly Row[]> {
  const [labels, out] = [join(files, 'airports.parquet'), join(files, 'airports.jsonl')];
  const count = await writeAirports(labels, INSTANTS);
  const argv = ['dataset', 'create', '--service', SERVICE, '--labels', labels, '--name', 'airports', '--out', out];
  const title = `answers ${digits(count / INSTANTS.length)} airports at each of ${INSTANTS.length} instants`;
  return await step('plumb dataset create', title, async () => {
    await cli.run(...argv);
    return await readRows(out);
  });
}

/** One list of rows for each instant; it fails where the answers are not those of the one run. */
async function serve(url: string, training: readonly Row[]): Promise<readonly (readonly Row[])[]> {
  const keys = training.slice(0, training.length / INSTANTS.length).map(({ airport }) => ({ airport }));
  const served: (readonly Row[])[] = [];
  for (const at of INSTANTS) served.push(await lookUp(url, SERVICE, keys, at));
  const behind = show(await runsBehind(url, SERVICE, keys[0] ?? {}));
  if (behind !== show({ traffic: RUN })) throw new Error(`answers come from the runs ${behind}`);
  return served;
}

function countMoved(before: readonly Row[], after: readonly Row[]): number {
  const { values, identical } = compare(before, after);
  return values - identical;
}

function printAirport(row: number, served: readonly (readonly Row[])[]): void {
  console.log();
  const cells = (name: string): readonly string[] => served.map((rows) => show(rows[row]?.[name]));
  line(
    `${SHOWN}, served at`,
    INSTANTS.map((at) => at.slice(0, 16)),
    WIDTH,
  );
  for (const name of Object.keys(served[0]?.[row] ?? {})) line(name, cells(name), WIDTH);
}
