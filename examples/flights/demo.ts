// The promise, end to end: features defined once, a training set, a server, and the two agreeing value for value.
// Everything goes through the command line and HTTP. Exit code 1 if any value differs.
//
//   npm run demo              storage in a temporary folder, removed at the end
//   npm run demo -- --keep    storage in examples/flights/.plumb, kept, to look at afterwards
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, lookUp, type Row, readRows, show } from '../demo/parity.ts';
import { type Plumb, plumb } from '../demo/plumb.ts';
import { digits, line, secondsSince, step } from '../demo/steps.ts';
import { countNotBefore, countUnlanded, writeLabels, writeRoutes } from './demo/data.ts';
import { traffic } from './demo/traffic.ts';

const SERVICE = 'late_flight';
const EVERY_NTH_FLIGHT = 10;
/** The data ends on 2001-07-01: the server is asked about these instants, not about now. */
const INSTANTS = ['2001-06-24T00:00:00Z', '2001-07-01T00:00:00Z'] as const;
/** Printed in full: a busy route, and one that nobody flies. */
const SHOWN = ['ORD to SFO', 'ORD to nowhere'];
const WIDTH = 24;
const PROJECT = fileURLToPath(new URL('plumb.yaml', import.meta.url));
const KEPT = fileURLToPath(new URL('.plumb', import.meta.url));

/** Answers how many values differ. */
async function demo(cli: Plumb, files: string): Promise<number> {
  console.log('Three million flights. Will a flight be more than 15 minutes late?\n');
  await step('plumb apply', 'checks the definitions against the data and registers them', async () => {
    const { version, changes } = (await cli.run('apply')) as { version: number; changes: readonly unknown[] };
    return `version ${version}, ${changes.length} objects`;
  });
  await trainingSet(cli, files);
  await materialize(cli, INSTANTS[0]);
  await using server = await step('plumb serve', 'answers lookups over HTTP', () => cli.serve());
  let differing = await agreement(cli, files, server.url, INSTANTS[0]);
  await materialize(cli, INSTANTS[1]);
  differing += await agreement(cli, files, server.url, INSTANTS[1]);
  differing += await traffic(cli, files, server.url);
  await verify(cli);
  return differing;
}

/** The same at instants of the data's own, on and beside the edges of windows; it fails where a value differs. */
async function verify(cli: Plumb): Promise<void> {
  const title = 'compares serving with training on keys and instants drawn from the data';
  await step('plumb verify', title, async () => {
    const { compared = 0, equal = 0 } = (await cli.run('verify')) as Record<string, number>;
    return `${digits(equal)} of ${digits(compared)} values are equal`;
  });
}

async function trainingSet(cli: Plumb, files: string): Promise<void> {
  const [labels, out] = [join(files, 'labels.parquet'), join(files, 'training.parquet')];
  const count = await writeLabels(labels, EVERY_NTH_FLIGHT);
  const title = `joins the features to ${digits(count)} labels, to each as of its own departure`;
  await step('plumb dataset create', title, async () => {
    const made = await cli.run('dataset', 'create', '--service', SERVICE, '--labels', labels, '--out', out);
    const { rows, columns } = made as { rows: number; columns: readonly unknown[] };
    if (rows !== count) throw new Error(`${rows} rows for ${count} labels`);
    const unlanded = await countUnlanded(out);
    if (unlanded > 0) throw new Error(`${unlanded} rows see a flight that left less than 12 hours before`);
    const notBefore = await countNotBefore(out);
    if (notBefore > 0) throw new Error(`${notBefore} rows see a departure that is not before their own`);
    const none = 'none sees a delay of the 12 hours before it, nor a departure of its own instant';
    return `${digits(rows)} rows, ${columns.length} columns; ${none}`;
  });
}

async function materialize(cli: Plumb, until: string): Promise<void> {
  await step(`plumb materialize --until ${until}`, 'puts the values of that instant online', async () => {
    const { runs } = (await cli.run('materialize', '--until', until)) as { runs: readonly { rowsWritten: number }[] };
    return `${runs.length} views, ${digits(runs.reduce((sum, run) => sum + run.rowsWritten, 0))} rows`;
  });
}

/** The training answers for all routes at one instant beside what the server says of them; how many values differ. */
async function agreement(cli: Plumb, files: string, url: string, at: string): Promise<number> {
  const [labels, out] = [join(files, 'routes.parquet'), join(files, 'routes.jsonl')];
  const count = await writeRoutes(labels, at);
  const argv = ['dataset', 'create', '--service', SERVICE, '--labels', labels, '--name', 'routes', '--out', out];
  const training = await step('plumb dataset create', `answers ${digits(count)} routes at ${at}`, async () => {
    await cli.run(...argv);
    return await readRows(out);
  });
  const keys = training.map(({ origin, destination }) => ({ origin, destination }));
  const served = await step('POST /v1/online-features', 'answers the same, at the same instant', () =>
    lookUp(url, SERVICE, keys, at),
  );
  if (at === INSTANTS[1]) printRows(training, served);
  const { values, equal, identical, differences } = compare(training, served);
  console.log(`\n   ${digits(equal)} of ${digits(values)} values of ${digits(count)} routes are equal;`);
  console.log(`   ${digits(identical)} to the last digit, the others within 1e-9 of each other\n`);
  for (const difference of differences) console.log(`   ${difference}`);
  return values - equal + Math.abs(count - served.length);
}

function printRows(training: readonly Row[], served: readonly Row[]): void {
  const rows = SHOWN.map((route) => training.findIndex((row) => `${row.origin} to ${row.destination}` === route));
  console.log();
  line(
    '',
    SHOWN.flatMap((route) => [route, '']),
    WIDTH,
  );
  line(
    '',
    SHOWN.flatMap(() => ['trained', 'served']),
    WIDTH,
  );
  for (const name of Object.keys(served[0] ?? {})) {
    line(
      name,
      rows.flatMap((row) => [show(training[row]?.[name]), show(served[row]?.[name])]),
      WIDTH,
    );
  }
}

const started = performance.now();
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
const isKept = process.argv.includes('--keep');
if (isKept) await rm(KEPT, { recursive: true, force: true });
const storage = isKept ? KEPT : await mkdtemp(join(tmpdir(), 'plumb-flights-'));
const files = await mkdtemp(join(tmpdir(), 'plumb-flights-files-'));
try {
  const differing = await demo(plumb(PROJECT, storage, interrupted.signal), files);
  console.log(`Done in ${secondsSince(started)} s.${differing === 0 ? '' : ` ${differing} values DIFFER.`}`);
  process.exitCode = differing === 0 ? 0 : 1;
} catch (error) {
  console.error(interrupted.signal.aborted ? 'Interrupted.' : error);
  process.exitCode = 1;
} finally {
  await rm(files, { recursive: true, force: true });
  if (!isKept) await rm(storage, { recursive: true, force: true });
}
