// Keys as an operator and a program use them: plumb key and plumb serve on one storage.
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Job } from '../../../schemas/wire-types.ts';
import { makeKeyText } from '../../../src/key-text.ts';
import { answerOf, refusal } from '../../e2e/http-client.ts';
import { type TempProject, tempProject } from '../../e2e/project.ts';
import { SHOP, UNTIL } from '../../e2e/shop.ts';
import { until } from '../../waiting.ts';

const KEYS = { PLUMB_SERVER_AUTH: 'keys' };
const ASK = JSON.stringify({ service: 'ranking', entities: [{ user_id: 1 }], at: UNTIL });
/** Two seconds, and what a busy machine takes. */
const KNOWN_WITHIN_MILLIS = 6000;

async function shop(): Promise<TempProject> {
  const project = await tempProject(SHOP);
  assert.equal((await project.plumb('apply')).code, 0);
  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  return project;
}

async function newKey(project: TempProject, ...options: readonly string[]): Promise<{ text: string; id: string }> {
  const { code, out, err } = await project.plumb('key', 'create', ...options);
  assert.equal(code, 0, err);
  const text = out.trim();
  assert.match(text, /^plumb_\w{12}_\w{49}$/, 'the key alone is on stdout');
  return { text, id: text.slice(6, 18) };
}

const post = (url: string, path: string, key: string | null, body = ASK): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
    body,
  });

const lookup = (url: string, key: string | null): Promise<Response> => post(url, '/v1/online-features', key);

async function statusOf(response: Promise<Response>): Promise<number> {
  const answer = await response;
  await answer.arrayBuffer();
  return answer.status;
}

async function comesTo(status: number, ask: () => Promise<Response>): Promise<void> {
  const startedMillis = performance.now();
  await until(
    () => statusOf(ask()),
    (found) => found === status,
  );
  const tookMillis = performance.now() - startedMillis;
  assert.ok(tookMillis < KNOWN_WITHIN_MILLIS, `${tookMillis} ms`);
}

test('keys are made, used within their scope, listed and revoked; none is in a log', async () => {
  const project = await shop();
  const server = await project.serve(KEYS);
  assert.equal((await refusal(await lookup(server.url, null), 'UNAUTHENTICATED')).details.reason, 'missing');
  for (const path of ['/healthz', '/readyz', '/openapi.json'])
    assert.equal((await fetch(server.url + path)).status, 200);
  assert.equal((await fetch(`${server.url}/metrics`)).status, 401);

  const reader = await newKey(
    project,
    '--role',
    'reader',
    '--name',
    'web shop',
    '--service',
    'ranking',
    '--expires',
    '30d',
  );
  const operator = await newKey(project, '--role', 'operator');
  await comesTo(200, () => lookup(server.url, operator.text));
  const { rows } = await answerOf<{ rows: unknown[] }>(await lookup(server.url, reader.text));
  assert.equal(rows.length, 1);
  const refused = await refusal(await post(server.url, '/v1/materializations', reader.text, '{}'), 'FORBIDDEN');
  assert.deepEqual(refused.details, { key: reader.id, lacking: { role: 'operator' } });
  const body = JSON.stringify({ until: UNTIL });
  await answerOf<Job>(await post(server.url, '/v1/materializations', operator.text, body), 202);

  const { document } = await project.json('key', 'list');
  const listed = document.keys as readonly Record<string, unknown>[];
  assert.deepEqual(
    listed.map(({ id, name, role, limitedTo, state }) => [id, name, role, limitedTo, state]),
    [
      [reader.id, 'web shop', 'reader', { services: ['ranking'], sources: [] }, 'active'],
      [operator.id, null, 'operator', null, 'active'],
    ],
  );
  assert.equal((await project.plumb('key', 'revoke', reader.id)).code, 0);
  await comesTo(401, () => lookup(server.url, reader.text));
  assert.equal(await statusOf(lookup(server.url, operator.text)), 200);

  const audit = (await project.json('audit', 'list')).document.changes as readonly Record<string, unknown>[];
  assert.deepEqual(
    audit.map(({ operation, target, outcome }) => [operation, target, (outcome as { failed: unknown }).failed]),
    [
      ['key revoke', reader.id, null],
      ['createMaterialization', '/v1/materializations', null],
      ['key create', null, null],
      ['key create', null, null],
    ],
  );
  assert.deepEqual(audit[1]?.by, { key: operator.id });
  const { out } = await project.plumb('audit', 'list', '--key', operator.id, '--limit', '5');
  assert.match(out, /createMaterialization .* done +\/v1\/jobs\/\w+/);
  const { err } = await server.stop();
  const files = await Promise.all(
    (await project.stored()).map((file) => project.read(`.plumb/${file}`).catch(() => '')),
  );
  for (const { text } of [reader, operator])
    for (const written of [err, ...files]) assert.ok(!written.includes(text.slice(19, 40)), written.slice(0, 300));
});

const HIDDEN = `
featureViews:
  - { name: hidden, kind: row, entities: [user], source: clicks, features: [{ name: price, type: float64 }] }
featureServices: [{ name: fraud, features: [hidden:*] }]
`;

test('a key that is limited to a service makes training sets of it, from keys of its views, and reads them', async () => {
  const project = await tempProject({ ...SHOP, 'features/hidden.yaml': HIDDEN });
  await project.plumb('apply');
  const { text } = await newKey(project, '--role', 'writer', '--service', 'ranking');
  const { text: other } = await newKey(project, '--role', 'writer', '--service', 'fraud');
  const server = await project.serve(KEYS);
  const make = (key: string, service: string, labels: object, more: object = {}): Promise<Response> =>
    post(server.url, '/v1/datasets', key, JSON.stringify({ service, name: 'january', labels, ...more }));
  const read = (path: string, key: string): Promise<Response> =>
    fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } });
  const labels = { keysOf: 'profile', at: UNTIL };
  const refused = await refusal(await make(text, 'ranking', { ...labels, keysOf: 'hidden' }), 'FORBIDDEN');
  assert.deepEqual(refused.details.lacking, { view: 'hidden' });
  const { id } = await answerOf<Job>(await make(text, 'ranking', labels), 202);
  await until(
    async () => (await answerOf<Job>(await read(`/v1/jobs/${id}`, text))).status,
    (is) => is === 'succeeded',
  );
  assert.equal(await statusOf(read('/v1/datasets/january/1/parts/0', text)), 200);
  // To the other key it is not there, nor may that one add a version to it.
  for (const path of [`/v1/jobs/${id}`, '/v1/datasets/january/1', '/v1/datasets/january/latest/parts/0'])
    assert.equal(await statusOf(read(path, other)), 403, path);
  const taken = await refusal(await make(other, 'fraud', { ...labels, keysOf: 'hidden' }), 'FORBIDDEN');
  assert.deepEqual(taken.details.lacking, { dataset: 'january' });
  // Nor may it take columns from there.
  const february = { name: 'february', reuse: 'january@1' };
  const hidden = await refusal(await make(other, 'fraud', { ...labels, keysOf: 'hidden' }, february), 'FORBIDDEN');
  assert.deepEqual(hidden.details.lacking, { dataset: 'january' });
  assert.equal((await make(text, 'ranking', labels, { reuse: 'january@1' })).status, 202);
});

test('with several workers a key that is revoked is taken by none of them', async () => {
  const project = await shop();
  const { text, id } = await newKey(project, '--role', 'reader');
  const server = await project.serve({ ...KEYS, PLUMB_SERVER_WORKERS: '2' });
  const many = () => Promise.all(Array.from({ length: 16 }, () => statusOf(lookup(server.url, text))));
  assert.deepEqual(new Set(await many()), new Set([200]));
  await project.plumb('key', 'revoke', id);
  const startedMillis = performance.now();
  await until(many, (statuses) => statuses.every((status) => status === 401));
  assert.ok(performance.now() - startedMillis < KNOWN_WITHIN_MILLIS);
  const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${text}` } });
  assert.equal(metrics.status, 401);
});

test('a key that expires is refused from then on, on a connection that was kept alive too', async () => {
  const project = await shop();
  const { text } = await newKey(project, '--role', 'reader', '--expires', '12s');
  const server = await project.serve(KEYS);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async () => {
    const headers = {
      authorization: `Bearer ${text}`,
      'content-type': 'application/json',
      'content-length': ASK.length,
    };
    const asked = request(`${server.url}/v1/online-features`, { method: 'POST', agent, headers });
    asked.end(ASK);
    const response = await new Promise<Parameters<NonNullable<Parameters<typeof request>[2]>>[0]>((resolve, reject) => {
      asked.on('response', resolve).on('error', reject);
    });
    const answer = (await json(response)) as { error?: { details: { reason: string } } };
    return { status: response.statusCode, reason: answer.error?.details.reason, isSame: asked.reusedSocket };
  };
  assert.equal((await ask()).status, 200);
  const last = await until(ask, ({ status }) => status !== 200);
  assert.deepEqual(last, { status: 401, reason: 'expired', isSame: true });
  agent.destroy();
});

test('while the storage is away known keys are taken; after server.staleKeysMillis none is, until it is back', async () => {
  const project = await tempProject({
    ...SHOP,
    'plumb.yaml': `${SHOP['plumb.yaml']}`.replace('kind: lmdb', 'kind: lmdb, path: online'),
  });
  await project.plumb('apply');
  await project.plumb('materialize', '--until', UNTIL);
  const { text } = await newKey(project, '--role', 'reader');
  const server = await project.serve({ ...KEYS, PLUMB_SERVER_STALEKEYSMILLIS: '5000' });
  assert.equal(await statusOf(lookup(server.url, text)), 200);
  const [here, away] = [join(project.folder, '.plumb'), join(project.folder, 'away')];
  await rename(here, away);
  const wentMillis = performance.now();
  await comesTo(200, () => lookup(server.url, text));
  assert.equal(await statusOf(lookup(server.url, makeKeyText())), 401, 'others are not');
  await until(
    () => statusOf(lookup(server.url, text)),
    (status) => status === 503,
  );
  assert.ok(performance.now() - wentMillis > 2500, 'not at once');
  await refusal(await lookup(server.url, text), 'STORAGE_UNAVAILABLE');
  assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
  await rename(away, here);
  await comesTo(200, () => lookup(server.url, text));
});

test('a server that others could reach does not start without keys, unless it is told to', async () => {
  const project = await shop();
  const { code, document } = await project.json('serve', '--host', '0.0.0.0', '--port', '0');
  assert.deepEqual([code, document.error?.code, document.error?.details.path], [2, 'INVALID_CONFIG', 'server.host']);
  const server = await project.serve({ PLUMB_SERVER_HOST: '0.0.0.0', PLUMB_SERVER_INSECURE: 'true' });
  assert.equal(await statusOf(lookup(server.url, null)), 200);
});

test('what cannot be a key is refused, with the nearest name', async () => {
  const project = await shop();
  const refused = async (...args: readonly string[]) =>
    (await project.json('key', ...args)).document.error?.message ?? '';
  assert.match(await refused('create', '--role', 'reader', '--service', 'rankin'), /rankin.*ranking/);
  assert.match(await refused('create', '--role', 'reader', '--source', 'click'), /clicks/);
  assert.match(await refused('create', '--role', 'root'), /reader, writer, operator, admin/);
  assert.match(await refused('create'), /--role/);
  assert.match(await refused('create', '--role', 'reader', '--expires', '2020-01-01T00:00:00Z'), /not passed/);
  const key = makeKeyText();
  const unknown = await refused('revoke', key);
  assert.ok(unknown.includes(key.slice(6, 18)) && !unknown.includes(key.slice(19, 30)), unknown);
});
