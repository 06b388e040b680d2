// A server is killed at random moments while events are pushed: every acknowledged event is counted exactly once by lookups, and
// the server applies events again within seconds. Five kills for each store; more with PLUMB_KILLS.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pushTaps, servedTaps, TAPS, type Tap } from '../e2e/live-taps.ts';
import { childrenOf, type RunningServe, type TempProject, tempProject } from '../e2e/project.ts';
import { Random } from '../oracle/random.ts';
import { RedisServer } from '../servers/redis.ts';
import { until } from '../waiting.ts';

const KILLS = Number(process.env.PLUMB_KILLS ?? 5);
const SEED = Number(process.env.PLUMB_SEED ?? 1);
const USERS = 50;
const EVENTS_PER_PUSH = 40;
/** Sooner is before the server answers; later, all is applied. */
const LONGEST_LIFE_MILLIS = 1500;

/** Pushes until it is told to stop; what is not acknowledged is pushed again, to whichever server there is. */
async function pushEvents(place: { readonly url: string }, seed: number, stop: AbortSignal): Promise<readonly Tap[]> {
  const random = new Random(seed);
  const pushed: Tap[] = [];
  for (let number = 0; !stop.aborted; ) {
    const events = Array.from({ length: random.int(1, EVENTS_PER_PUSH) }, (): Tap => {
      const ts = new Date(Date.now() - random.int(0, 60_000)).toISOString();
      number += 1;
      return { id: `${seed}-${number}`, user_id: random.int(0, USERS - 1), ts, cents: random.int(1, 1000) };
    });
    while ((await pushTaps(place, events)) === null) await sleep(20);
    pushed.push(...events);
  }
  return pushed;
}

async function killed(project: TempProject, seed: number): Promise<void> {
  const random = new Random(seed);
  assert.equal((await project.plumb('apply')).code, 0);
  let server: RunningServe = await project.serve();
  const place = { url: server.url };
  const stop = new AbortController();
  const pushing = Promise.all([1, 2].map((pusher) => pushEvents(place, seed * 10 + pusher, stop.signal)));
  for (let kills = 0; kills < KILLS; kills += 1) {
    await sleep(random.int(0, LONGEST_LIFE_MILLIS));
    // Now and then the process that applies events alone.
    const [child] = random.chance(0.4) ? await childrenOf(server.pid) : [];
    if (child !== undefined) process.kill(child, 'SIGKILL');
    else {
      await server.kill();
      server = await project.serve();
      place.url = server.url;
    }
  }
  stop.abort();
  const taps = (await pushing).flat();
  const wanted = Array.from({ length: USERS }, (_, user) => {
    const own = taps.filter(({ user_id }) => user_id === user);
    return [own.length, own.length === 0 ? null : own.reduce((sum, { cents }) => sum + cents, 0)];
  });
  const users = [...wanted.keys()];
  const lookup = () => servedTaps(server, users);
  await until(async () => JSON.stringify(await lookup()) === JSON.stringify(wanted)).catch(() => {});
  assert.deepEqual(await lookup(), wanted);
  await requireTrained(project, wanted);
  assert.ok(taps.length > 100, `only ${taps.length} events`);
  await server.stop();
}

/** The training set of this moment, from lake and log, is what is served. */
async function requireTrained(project: TempProject, wanted: readonly unknown[]): Promise<void> {
  const event_timestamp = new Date().toISOString();
  const labels = wanted.map((_, user_id) => `${JSON.stringify({ user_id, event_timestamp })}\n`);
  await project.write('labels.jsonl', labels.join(''));
  const made = await project.plumb(
    ...['dataset', 'create', '--service', 'all', '--labels', 'labels.jsonl', '--out', 'out.jsonl'],
  );
  assert.equal(made.code, 0, made.err);
  const rows = (await project.read('out.jsonl'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    rows.map(({ spent__taps, spent__cents }) => [spent__taps, spent__cents]),
    wanted,
  );
}

test('LMDB: every acknowledged event counts once', async () => {
  await killed(
    await tempProject({ 'plumb.yaml': 'project: shop\nserver: { port: 0 }\n', 'features/taps.yaml': TAPS }),
    SEED,
  );
});

test('Redis: every acknowledged event counts once', async () => {
  const redis = await RedisServer.start();
  after(() => redis[Symbol.asyncDispose]());
  const plumb = `project: shop\nserver: { port: 0 }\nonline: { kind: redis, url: ${redis.url} }\n`;
  await killed(await tempProject({ 'plumb.yaml': plumb, 'features/taps.yaml': TAPS }), SEED + 1);
});
