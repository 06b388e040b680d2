// "explain": true of POST /v1/online-features: what `plumb get --explain` says, from a process beside the server.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ARROW_STREAM_TYPE } from '../../schemas/operations.ts';
import { onlineFeaturesResponseSchema } from '../../schemas/wire.ts';
import type { OnlineFeaturesResponse } from '../../schemas/wire-types.ts';
import { answerOf, refusal, untilDead, workerOf } from '../e2e/http-client.ts';
import { lookup, type RunningServe, type TempProject, tempProject, untilStopped } from '../e2e/project.ts';
import { DEFINITIONS, PROFILES, PROJECT_FILE, SHOP, UNTIL } from '../e2e/shop.ts';
import { until } from '../waiting.ts';

const ENTITY = { user_id: 1 };
const ASK = { service: 'ranking', entities: [ENTITY], at: UNTIL, explain: true };

async function shop(files: Readonly<Record<string, string>> = {}): Promise<TempProject> {
  const project = await tempProject({ ...SHOP, ...files });
  for (const argv of [['apply'], ['materialize', '--until', UNTIL]]) {
    const { code, err } = await project.plumb(...argv);
    assert.equal(code, 0, err);
  }
  return project;
}

/** As text: digits beyond 2^53 would be lost. */
async function explainedText(url: string, body: object): Promise<string> {
  const response = await lookup(url, body);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
}

const ofCommand = async (project: TempProject, ...args: readonly string[]): Promise<string> =>
  (await project.plumb('get', '--explain', '--json', ...args)).out;

const plain = (text: string): unknown =>
  JSON.parse(text.replaceAll(/(?<=[:[,])\s*(-?\d{16,})(?=\s*[,}\]])/g, '"$1 digits"'));

test('it says what plumb get --explain says, beside the ordinary answer', async () => {
  const project = await shop();
  const server = await project.serve();
  const all = { statuses: true, eventTimes: true, asOf: true };
  for (const [asked, args] of [
    [{ service: 'ranking' }, ['--service', 'ranking']],
    [{ features: ['spending:*', 'profile:country'] }, ['--features', 'spending:*', 'profile:country']],
  ] as const) {
    const at = '2026-01-07T18:30:00Z';
    const text = await explainedText(server.url, { ...asked, ...all, entities: [ENTITY], at, explain: true });
    const command = await ofCommand(project, ...args, '--entity', '{"user_id":1}', '--at', at);
    assert.deepEqual(plain(text), plain(command));
    const ordinary = await explainedText(server.url, { ...asked, ...all, entities: [ENTITY], at });
    const { explain, ...rest } = plain(text) as { readonly explain: readonly unknown[] };
    assert.deepEqual(rest, plain(ordinary));
    assert.equal(explain.length > 0, true);
  }
  const text = await explainedText(server.url, ASK);
  const answer = JSON.parse(text) as OnlineFeaturesResponse;
  assert.deepEqual(Object.keys(answer), ['service', 'version', 'features', 'rows', 'at', 'explain']);
  assert.ok(onlineFeaturesResponseSchema.safeParse(answer).success);
  assert.match(text, /"value":9007199254740993,/);
  assert.doesNotMatch(text, new RegExp(project.folder), 'no path of the machine');
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /duration_seconds_count\{operation="explainOnlineFeatures",status="200"\} 3\n/);
});

test('int64 as text is text in explanations too; a value that the rows do not give is told as different', async () => {
  const definitions = DEFINITIONS.replace(
    '{ name: spend_1d,',
    '{ name: users, aggregate: last_n, n: 2, column: user_id, window: 1d }\n      - { name: spend_1d,',
  );
  const project = await shop({ 'features/shop.yaml': definitions });
  const server = await project.serve();
  const answer = JSON.parse(await explainedText(server.url, { ...ASK, int64: 'string' })) as OnlineFeaturesResponse;
  const [, points, , users] = answer.explain ?? [];
  assert.deepEqual(
    [points?.value, points?.recomputed.value, points?.equal, points?.rows[0]?.columns.points],
    ['9007199254740993', '9007199254740993', true, '9007199254740993'],
  );
  assert.deepEqual([users?.value, users?.recomputed.value, users?.equal], [['1', '1'], ['1', '1'], true]);
  await project.write('data/profiles.jsonl', PROFILES.replace('"US"', '"CA"'));
  const [country] = (JSON.parse(await explainedText(server.url, ASK)) as OnlineFeaturesResponse).explain ?? [];
  assert.deepEqual(
    [country?.value, country?.recomputed.value, country?.equal, country?.notes],
    ['US', 'CA', false, ['data/profiles.jsonl changed or came since the run']],
  );
});

test('what cannot be explained is refused; a source that is gone is told without a path of the machine', async () => {
  const project = await shop();
  const server = await project.serve();
  const refused = async (change: object, code: 'INVALID_REQUEST' | 'NOT_ACCEPTABLE' = 'INVALID_REQUEST') =>
    (await refusal(await lookup(server.url, { ...ASK, ...change }), code)).message;
  assert.match(await refused({ entities: [ENTITY, ENTITY] }), /^\$\.explain: found 2 entities, expected one$/);
  assert.match(await refused({ entities: [] }), /^\$\.explain: found 0 entities, expected one$/);
  assert.match(await refused({ service: 'ranking@1' }), /^\$\.explain: found ranking@1, expected a service without/);
  assert.match(await refused({ service: undefined, dataset: 'churn@1' }), /^\$\.explain: found a training set/);
  assert.match(await refused({ partial: true }), /^\$\.explain: found a partial answer/);
  assert.match(await refused({ explain: 1 }), /^\$\.explain: found 1, expected a boolean$/);
  const arrow = await fetch(`${server.url}/v1/online-features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: ARROW_STREAM_TYPE },
    body: JSON.stringify(ASK),
  });
  await refusal(arrow, 'NOT_ACCEPTABLE');
  await project.remove('data/profiles.jsonl');
  const { message } = await refusal(await lookup(server.url, ASK), 'SOURCE_MISMATCH');
  assert.match(message, /profiles/);
  assert.doesNotMatch(message, new RegExp(project.folder));
});

test('files of a source with an absolute path are named without the folders above it, in notes too', async () => {
  const outside = await tempProject({ 'data/profiles.jsonl': PROFILES });
  const definitions = DEFINITIONS.replace('data/profiles.jsonl', `${outside.folder}/data/*.jsonl`);
  const project = await shop({ 'features/shop.yaml': definitions });
  const server = await project.serve();
  await outside.write('data/more.jsonl', PROFILES.replaceAll('"user_id":1,', '"user_id":3,'));
  const text = await explainedText(server.url, ASK);
  const { explain } = JSON.parse(text) as OnlineFeaturesResponse;
  assert.equal(explain?.[0]?.rows[0]?.file, 'data/profiles.jsonl');
  assert.doesNotMatch(text, new RegExp(outside.folder));
  await outside.write('data/profiles.jsonl', PROFILES.replace('"US"', '"CA"'));
  const changed = await explainedText(server.url, ASK);
  assert.match(changed, /data\/more\.jsonl, data\/profiles\.jsonl changed or came since the run/);
  assert.doesNotMatch(changed, new RegExp(outside.folder));
});

test('with keys it takes an operator without limits, and a server with the duty of jobs', async () => {
  const project = await shop();
  const server = await project.serve({ PLUMB_SERVER_AUTH: 'keys' });
  const key = async (...options: readonly string[]) => (await project.plumb('key', 'create', ...options)).out.trim();
  const [writer, limited, operator] = [
    await key('--role', 'writer'),
    await key('--role', 'operator', '--service', 'ranking'),
    await key('--role', 'operator'),
  ];
  const ask = (text: string, explain: boolean): Promise<Response> =>
    fetch(`${server.url}/v1/online-features`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${text}` },
      body: JSON.stringify({ ...ASK, explain }),
    });
  for (const text of [writer, limited, operator])
    await until(
      () => ask(text, false),
      ({ status }) => status === 200,
    );
  assert.deepEqual((await refusal(await ask(writer, true), 'FORBIDDEN')).details.lacking, { role: 'operator' });
  assert.deepEqual((await refusal(await ask(limited, true), 'FORBIDDEN')).details.lacking, { limits: 'none' });
  assert.equal((await answerOf<OnlineFeaturesResponse>(await ask(operator, true))).explain?.length, 4);

  const alone = await project.serve({ PLUMB_SERVER_DUTIES: '["lookup"]' });
  const { message, details } = await refusal(await lookup(alone.url, ASK), 'NOT_SERVED');
  assert.match(message, /^\$\.explain: this server was started without the duty jobs/);
  assert.deepEqual(details, { duty: 'jobs' });
});

test('workers of one server explain through the process that has its jobs; a store in memory is explained too', async () => {
  const project = await shop();
  const workers = await project.serve({ PLUMB_SERVER_WORKERS: '2' });
  const answer = await until(
    () => lookup(workers.url, ASK),
    ({ status }) => status === 200,
  );
  assert.equal(
    (await answerOf<OnlineFeaturesResponse>(answer)).explain?.every(({ equal }) => equal),
    true,
  );
  const inMemory = await shop({ 'plumb.yaml': PROJECT_FILE.replace('lmdb', 'memory') });
  const server = await inMemory.serve();
  await fetch(`${server.url}/v1/materializations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ until: UNTIL }),
  });
  const filled = await until(
    () => lookup(server.url, ASK),
    ({ status }) => status === 200,
  );
  assert.equal(
    (await answerOf<OnlineFeaturesResponse>(filled)).explain?.every(({ equal }) => equal),
    true,
  );
});

const PAUSED = { PLUMB_FAILPOINT_PAUSE: 'explain.begin' };

/** The process that makes the explanation, once it stands still. */
async function standingStill(server: RunningServe): Promise<number> {
  const worker = await workerOf(server.pid);
  await untilStopped(worker);
  return worker;
}

test('one is made at a time, few wait, and lookups go on meanwhile; one whose client has gone is stopped', async () => {
  const project = await shop();
  const server = await project.serve(PAUSED);
  const clients = Array.from({ length: 4 }, () => new AbortController());
  const ask = ({ signal }: AbortController): Promise<Response> =>
    fetch(`${server.url}/v1/online-features`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ASK),
      signal,
    });
  const [first, ...others] = clients as [AbortController, ...AbortController[]];
  const asked = [ask(first)];
  const worker = await standingStill(server);
  asked.push(...others.map(ask));
  for (const one of asked) one.catch(() => undefined);
  const refused = await Promise.race(asked);
  assert.equal((await refusal(refused, 'TOO_MANY_REQUESTS')).details.limit, 'waitingExplanations');
  assert.equal(refused.headers.get('retry-after'), '5');
  assert.equal((await lookup(server.url, { ...ASK, explain: false })).status, 200);
  for (const client of clients) client.abort();
  process.kill(worker, 'SIGCONT');
  await untilDead(worker);
  const next = lookup(server.url, ASK);
  process.kill(await standingStill(server), 'SIGCONT');
  assert.equal((await next).status, 200);
});

test('a client that ends, or closes only its side, stops its explanation', async () => {
  const project = await shop();
  const server = await project.serve(PAUSED);
  const { hostname, port } = new URL(server.url);
  const body = JSON.stringify(ASK);
  const head = 'POST /v1/online-features HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  // The first goes past the router, the second through it.
  for (const request of [
    `${head}Content-Length: ${body.length}\r\n\r\n${body}`,
    `${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ]) {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.write(request);
    const worker = await standingStill(server);
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk;
    });
    socket.end();
    process.kill(worker, 'SIGCONT');
    await untilDead(worker);
    await until(
      () => said,
      (text) => text.includes('CANCELLED'),
    );
  }
});
