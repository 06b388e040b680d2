// Events in, features moved, and the training set that equals them. Everything goes through the command line and HTTP. Exit
// code 1 if a click was lost or counted twice, or any value differs.
//
//   npm run demo:live              storage in a temporary folder, removed at the end
//   npm run demo:live -- --keep    storage in examples/clickstream/.plumb, kept, to look at afterwards
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlumbClient } from '../../sdk/typescript/src/index.ts';
import { compare, lookUp, type Row, readRows } from '../demo/parity.ts';
import { type Plumb, plumb, type Server } from '../demo/plumb.ts';
import { digits, secondsSince, step } from '../demo/steps.ts';
import { Clicks } from './generate.ts';

const SERVICE = 'visitor';
const USERS = 200;
const BATCH = 100;
const BATCHES = 60;
/** Of these batches is the one in whose middle the server is killed. */
const KILLED_AT = 30;
const MOVES = 10;
const PROJECT = fileURLToPath(new URL('plumb.yaml', import.meta.url));
const KEPT = fileURLToPath(new URL('.plumb', import.meta.url));

const clicks = new Clicks({ seed: 7, users: USERS, pages: 40 });

/** Answers how many values differ, or clicks are missing. */
async function demo(cli: Plumb, files: string): Promise<number> {
  console.log('Clicks come in, late, disordered and some of them twice. What does each user do right now?\n');
  await step('plumb apply', 'checks the definitions and registers them', async () => {
    const { version } = (await cli.run('apply')) as { version: number };
    return `version ${version}`;
  });
  const first = await step('plumb serve', 'takes events and answers lookups', () => cli.serve());
  await using second = await pushAndKill(cli, first);
  await move(second.url);
  const lost = await counted(second.url);
  return lost + (await agreement(cli, files, second.url));
}

/** Pushes; in the middle the server is killed, and what it has not acknowledged is pushed to the next one. */
async function pushAndKill(cli: Plumb, first: Server): Promise<Server> {
  let server = first;
  await step(
    'POST /v1/sources/clicks/events',
    `pushes ${digits(BATCH * BATCHES)} clicks, and kill -9 in the middle`,
    async () => {
      let duplicates = 0;
      for (let i = 0; i < BATCHES; i += 1) {
        const batch = clicks.next(BATCH, Date.now());
        // Its failure is looked at now, not after the restart: until then it would count as nobody's.
        const pushing = push(server.url, batch).catch(() => null);
        if (i === KILLED_AT) {
          await server.kill();
          server = await cli.serve();
        }
        // Whether the one that was cut off is in the log or not, each click of it counts once.
        duplicates += ((await pushing) ?? (await push(server.url, batch))).duplicates;
      }
      return `${digits(clicks.all.length)} different ones; ${digits(duplicates)} came again and count once`;
    },
  );
  return server;
}

const push = (url: string, batch: readonly object[], wait?: 'applied') =>
  new PlumbClient({ url }).push('clicks', batch, {
    hasIds: true,
    ...(wait === undefined ? {} : { wait, timeout: '30s' }),
  });

/** One click after the other, each looked up as soon as it is applied. */
async function move(url: string): Promise<void> {
  await step('POST …?wait=applied', 'moves a feature, from the push until a lookup sees it', async () => {
    const millis: number[] = [];
    for (let i = 0; i < MOVES; i += 1) {
      const startedAt = performance.now();
      await push(url, clicks.next(1, Date.now()), 'applied');
      await lookUp(url, SERVICE, [{ user_id: 1 }], new Date().toISOString());
      millis.push(performance.now() - startedAt);
    }
    const sorted = millis.toSorted((a, b) => a - b);
    return `${sorted[MOVES / 2]?.toFixed(0)} ms in the median, ${sorted.at(-1)?.toFixed(0)} ms at most`;
  });
}

/** All clicks of all users, as the server counts them, beside those that were made. */
async function counted(url: string): Promise<number> {
  return await step('POST /v1/online-features', 'counts the clicks of each user', async () => {
    const users = Array.from({ length: USERS }, (_, i) => ({ user_id: i + 1 }));
    const rows = await lookUp(url, SERVICE, users, new Date().toISOString());
    const wrong = users.filter(({ user_id }, i) => {
      const made = clicks.all.filter((click) => click.user_id === user_id).length;
      return rows[i]?.interest__clicks_7d !== made;
    });
    console.log(
      `   of ${digits(clicks.all.length)} clicks none is lost and none counts twice, of ${digits(USERS - wrong.length)} of ${digits(USERS)} users`,
    );
    return wrong.length;
  });
}

interface Label {
  readonly user_id: number;
  readonly event_timestamp: string;
}

/** A training set of labels of the last minute beside lookups of the same instants; how many values differ. */
async function agreement(cli: Plumb, files: string, url: string): Promise<number> {
  const [labels, out] = [join(files, 'labels.jsonl'), join(files, 'training.jsonl')];
  const now = Date.now();
  const asked = Array.from(
    { length: 300 },
    (_, i): Label => ({
      user_id: (i % 60) + 1,
      event_timestamp: new Date(now - Math.floor(i / 60) * 12_000).toISOString(),
    }),
  );
  await writeFile(labels, asked.map((label) => `${JSON.stringify(label)}\n`).join(''));
  const training = await step(
    'plumb dataset create',
    'joins the features of the last minute, from lake and log',
    async () => {
      await cli.run('dataset', 'create', '--service', SERVICE, '--labels', labels, '--name', 'minute', '--out', out);
      return await readRows(out);
    },
  );
  const pairs = await step('POST /v1/online-features', 'answers the same, at the same instants', async () => {
    const found: { readonly trained: Row; readonly served: Row }[] = [];
    for (const [i, label] of asked.entries()) found.push(comparable(training[i] as Row, await answerOf(url, label)));
    return found;
  });
  const [trained, served] = [pairs.map((pair) => pair.trained), pairs.map((pair) => pair.served)];
  const { values, equal, differences } = compare(trained, served);
  const all = asked.length * Object.keys(training[0] ?? {}).filter((name) => name.includes('__')).length;
  console.log(
    `\n   ${digits(equal)} of ${digits(values)} values are equal; ${digits(all - values)} are of instants that lie`,
  );
  console.log('   before what is kept of busy users: TOO_EARLY, and no value\n');
  for (const difference of differences) console.log(`   ${difference}`);
  return values - equal + (values > all / 2 ? 0 : 1);
}

interface Answer {
  readonly features: readonly string[];
  readonly rows: readonly [readonly unknown[]];
  readonly statuses: readonly [readonly string[]];
}

async function answerOf(url: string, { user_id, event_timestamp }: Label): Promise<Answer> {
  const body = { service: SERVICE, entities: [{ user_id }], at: event_timestamp, statuses: true };
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/online-features`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Answer;
}

/** Without the features whose instant is too early. */
function comparable(training: Row, { features, rows: [row], statuses: [statuses] }: Answer) {
  const known = features.flatMap((name, i) => (statuses[i] === 'TOO_EARLY' ? [] : [{ name, value: row[i] }]));
  return {
    trained: Object.fromEntries(known.map(({ name }) => [name, training[name]])),
    served: Object.fromEntries(known.map(({ name, value }) => [name, value])),
  };
}

const started = performance.now();
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
const isKept = process.argv.includes('--keep');
if (isKept) await rm(KEPT, { recursive: true, force: true });
const storage = isKept ? KEPT : await mkdtemp(join(tmpdir(), 'plumb-clickstream-'));
const files = await mkdtemp(join(tmpdir(), 'plumb-clickstream-files-'));
try {
  const wrong = await demo(plumb(PROJECT, storage, interrupted.signal), files);
  console.log(`Done in ${secondsSince(started)} s.${wrong === 0 ? '' : ` ${wrong} values DIFFER.`}`);
  process.exitCode = wrong === 0 ? 0 : 1;
} catch (error) {
  console.error(interrupted.signal.aborted ? 'Interrupted.' : error);
  process.exitCode = 1;
} finally {
  await rm(files, { recursive: true, force: true });
  if (!isKept) await rm(storage, { recursive: true, force: true });
}
