// A server over Redis that comes late, dies under load, stands still, loses everything: 503 or 409 with what to do, never a
// wrong answer, and then it goes on without a restart.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Document, lookup, type RunningServe, type TempProject, tempProject } from '../../e2e/project.ts';
import { PROJECT_FILE, SHOP, UNTIL } from '../../e2e/shop.ts';
import { RedisServer, type RedisServerOptions } from '../../servers/redis.ts';
import { eventually, until } from '../../waiting.ts';

const ASK = { service: 'ranking', entities: [{ user_id: 1 }, { user_id: 5 }], at: UNTIL };
const ROWS = [
  ['US', 9007199254740993n, 2, 3.5],
  [null, null, 0, null],
];

const projectOn = (url: string, more = ''): Promise<TempProject> =>
  tempProject({
    ...SHOP,
    'plumb.yaml': PROJECT_FILE.replace('{ kind: lmdb }', `{ kind: redis, url: "${url}"${more} }`),
  });

async function newServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const redis = await RedisServer.start(options);
  after(() => redis[Symbol.asyncDispose]());
  return redis;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly millis: number;
  readonly text: string;
}

async function ask({ url }: RunningServe): Promise<Answer> {
  const start = performance.now();
  const response = await lookup(url, ASK);
  const text = await response.text();
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    millis: performance.now() - start,
    text,
  };
}

/** 200 with the right rows, or 503 that says that the store is away and when to come back, and not where it is. */
function assertHonest({ status, retryAfter, text }: Answer): void {
  if (status === 200) {
    assert.deepEqual(rowsIn(text), ROWS);
    return;
  }
  assert.equal(status, 503, text);
  assert.equal(retryAfter, '1');
  assert.equal((JSON.parse(text) as Document).error?.code, 'STORE_UNAVAILABLE', text);
  assert.match(text, /The online store (does not answer: try again|is busy: )/);
  assert.doesNotMatch(text, /127\.0\.0\.1|localhost/);
}

/** With the digits of an int64. */
const rowsIn = (text: string): unknown =>
  (JSON.parse(text.replace('9007199254740993', '"9007199254740993"')) as { rows: unknown[][] }).rows.map((row) =>
    row.map((value) => (value === '9007199254740993' ? 9007199254740993n : value)),
  );

const untilStatus = (server: RunningServe, status: number): Promise<Answer> =>
  until(
    () => ask(server),
    (answer) => answer.status === status,
  );

async function materialized(project: TempProject): Promise<void> {
  const applied = await project.plumb('apply');
  assert.equal(applied.code, 0, applied.out + applied.err);
  const { code, out, err } = await project.plumb('materialize', '--until', UNTIL);
  assert.equal(code, 0, out + err);
}

test('absent at the start: the server starts, says 503, and serves when Redis comes', async () => {
  const redis = await RedisServer.stopped();
  after(() => redis[Symbol.asyncDispose]());
  const project = await projectOn(redis.url);
  assert.equal((await project.plumb('apply')).code, 0);
  const server = await project.serve();
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  const notReady = await fetch(`${server.url}/readyz`);
  assert.deepEqual([notReady.status, notReady.headers.get('retry-after')], [503, '1']);
  const why = await notReady.text();
  assert.match(why, /STORE_UNAVAILABLE.*The online store does not answer: try again/);
  assert.doesNotMatch(why, /127\.0\.0\.1/);
  const away = await ask(server);
  assert.equal(away.status, 503);
  assertHonest(away);
  const failed = await project.plumb('materialize', '--until', UNTIL);
  assert.equal(failed.code, 1);
  assert.match(failed.out + failed.err, /does not answer: .*ECONNREFUSED/);
  const doctor = await project.plumb('doctor');
  assert.equal(doctor.code, 1);
  assert.match(doctor.out, /FAIL +online store: .*does not answer/);

  await redis.start();
  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  const answer = await untilStatus(server, 200);
  assert.deepEqual(rowsIn(answer.text), ROWS);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  assert.match((await project.plumb('doctor')).out, /ok +online store: redis \d\S* at 127\.0\.0\.1:\d+ answers/);
  const { code, err } = await server.stop();
  assert.equal(code, 0);
  assert.match(err, /Redis at 127\.0\.0\.1:\d+, does not answer: .*ECONNREFUSED/, 'the log tells the place');
});

test('killed under a stream of lookups, and started again with its data', async () => {
  const redis = await newServer({ persistent: true });
  const project = await projectOn(redis.url);
  await materialized(project);
  const server = await project.serve();
  const tally = { 200: 0, 503: 0 };
  let isAsking = true;
  const stream = async (): Promise<void> => {
    while (isAsking) {
      const answer = await ask(server);
      assertHonest(answer);
      tally[answer.status as 200 | 503] += 1;
      assert.ok(answer.millis < 10_000, `${answer.status} after ${answer.millis} ms`);
    }
  };
  const streams = Array.from({ length: 8 }, stream);
  for (let kills = 0; kills < 3; kills += 1) {
    await sleep(150);
    const before = { ...tally };
    await redis.kill();
    await eventually(() => assert.ok(tally[503] > before[503], JSON.stringify({ before, tally })));
    assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
    await redis.start();
    assert.equal((await untilStatus(server, 200)).status, 200);
  }
  isAsking = false;
  await Promise.all(streams);
  assert.ok(tally[200] > 10, JSON.stringify(tally));
  assert.equal((await server.stop()).code, 0);
});

test('standing still: 503 within the command timeout, bounded in number, then it goes on', async () => {
  const redis = await newServer();
  const project = await projectOn(redis.url, ', commandTimeoutMillis: 1500, maxPendingCommands: 30');
  await materialized(project);
  const server = await project.serve();
  assertHonest(await ask(server));
  redis.freeze();
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask(server)));
  for (const answer of answers) {
    assert.equal(answer.status, 503);
    assertHonest(answer);
    assert.ok(answer.millis < 10_000, `${answer.millis} ms`);
  }
  assert.ok(answers.some(({ text }) => /is busy: 30 commands/.test(text)));
  assert.ok(answers.some(({ millis }) => millis > 1_000));
  const known = await ask(server);
  assert.ok(known.status === 503 && known.millis < 1_000, `${known.status} after ${known.millis} ms`);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  redis.unfreeze();
  assert.deepEqual(rowsIn((await untilStatus(server, 200)).text), ROWS);
  await server.stop();
});

test('emptied: 409, status and doctor say what to do, and doing it is enough', async () => {
  const redis = await newServer();
  const project = await projectOn(redis.url);
  await materialized(project);
  const server = await project.serve();
  assertHonest(await ask(server));
  for (const command of [
    ['materialize', '--until', UNTIL],
    ['materialize', '--from-snapshot'],
  ]) {
    await redis.kill();
    await redis.start();
    const lost = await untilStatus(server, 409);
    assert.equal(lost.status, 409, lost.text);
    assert.match(lost.text, /NOT_MATERIALIZED.*plumb materialize/);
    const { document } = await project.json('status');
    const views = document.views as { emptied: boolean; watermark: string | null }[];
    assert.deepEqual(
      views.map(({ emptied, watermark }) => [emptied, watermark]),
      [
        [true, null],
        [true, null],
      ],
    );
    const status = await project.plumb('status');
    assert.match(status.out, /nothing of profile, spending.*emptied[\s\S]*plumb materialize[\s\S]*--from-snapshot/);
    const doctor = await project.plumb('doctor');
    assert.equal(doctor.code, 1);
    assert.match(doctor.out, /FAIL +watermarks: .*nothing of profile, spending.*emptied.*plumb materialize/);

    const { code, out, err } = await project.plumb(...command);
    assert.equal(code, 0, out + err);
    const answer = await untilStatus(server, 200);
    assert.deepEqual(rowsIn(answer.text), ROWS);
    assert.doesNotMatch((await project.plumb('status')).out, /emptied|lost/);
  }
  await server.stop();
});

test('a password is shown nowhere: errors, doctor, status, logs', async () => {
  const redis = await newServer({ password: 's3cret' });
  const right = await projectOn(redis.url.replace('//', '//:s3cret@'));
  await materialized(right);
  const project = await projectOn(redis.url.replace('//', '//hunter:hunter2@'));
  assert.equal((await project.plumb('apply')).code, 0);
  const server = await project.serve();
  const answers = [await (await lookup(server.url, ASK)).text(), await (await fetch(`${server.url}/readyz`)).text()];
  const commands = [
    ['doctor'],
    ['status'],
    ['get', '--service', 'ranking', '--entity', '{"user_id":1}'],
    ['materialize', '--until', UNTIL],
  ];
  for (const command of commands) {
    const { code, out, err } = await project.plumb(...command);
    assert.notEqual(code, 0, command.join(' '));
    assert.match(out + err, /WRONGPASS.*check user and password in online\.url/, command.join(' '));
    answers.push(out, err);
  }
  // One that has the wrong password is no defect of the server: unready, and its lookups say the same.
  for (const [status, text] of [
    await ask(server).then((answer) => [answer.status, answer.text] as const),
    await fetch(`${server.url}/readyz`).then(async (ready) => [ready.status, await ready.text()] as const),
  ]) {
    assert.equal(status, 503);
    assert.match(text, /"INVALID_CONFIG"/);
  }
  const { code, out, err } = await server.stop();
  assert.equal(code, 0);
  await project.write('plumb.yaml', 'project: shop\nonline: { kind: redis, url: "http://hunter:hunter2@127.0.0.1" }\n');
  const refused = await project.plumb('status');
  assert.equal(refused.code, 2);
  for (const text of [...answers, out, err, refused.out, refused.err]) assert.doesNotMatch(text, /hunter|s3cret/);
});

test('doctor warns of a Redis that may drop rows', async () => {
  const redis = await newServer({ extra: ['--maxmemory-policy', 'allkeys-lfu'] });
  const project = await projectOn(redis.url);
  await materialized(project);
  const { code, out } = await project.plumb('doctor');
  assert.equal(code, 0, out);
  assert.match(out, /warn +online store: redis .*allkeys-lfu.*set maxmemory-policy to noeviction/);
});
