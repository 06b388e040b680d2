// What a network and a server do to a client: each answer below is given by a real socket. What holds for every SDK is in
// sdk/vectors/vectors.json.
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  PlumbApiError,
  PlumbClient,
  PlumbConnectionError,
  PlumbJobError,
  PlumbTimeoutError,
} from '../../sdk/typescript/src/index.ts';
import { freePort } from '../servers/free-port.ts';
import { startApiServer } from './api-server.ts';
import { caught, failing, faulty, SECRET } from './faulty-server.ts';

const REQUEST = { service: 'ranking', entities: [{ user_id: 1 }] } as const;
const ANSWER = { service: 'ranking', version: 1, features: ['a'], rows: [[1]], at: '2026-01-08T00:00:00Z' };
const deadUrl = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;

const ok: RequestListener = (_, response) => void response.end(JSON.stringify(ANSWER));
const error = (code: string): string =>
  JSON.stringify({ error: { code, message: `said ${code}`, details: { path: 'x' } } });
const reset: RequestListener = (request) => void request.socket.destroy();
const truncated: RequestListener = (request, response) => {
  response.writeHead(200, { 'content-length': 500 });
  response.write('{"service":');
  setTimeout(() => request.socket.destroy(), 10);
};
const silent: RequestListener = () => {};
const drip: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};

for (const [name, fault] of [
  ['503 of the server', failing(503, error('STORE_UNAVAILABLE'))],
  ['503 of a proxy', failing(503, '<html><h1>Down</h1></html>')],
  ['429', failing(429, error('TOO_MANY_REQUESTS'))],
  ['a reset', reset],
  ['a truncated body', truncated],
] as const) {
  test(`a lookup survives ${name}`, async () => {
    const server = await faulty(fault, fault, ok);
    assert.deepEqual((await server.client().lookup(REQUEST)).rows, [[1]]);
    assert.equal(server.requests(), 3);
  });
}

test('Retry-After is waited for', async () => {
  const server = await faulty(failing(503, error('STORE_UNAVAILABLE'), { 'retry-after': '1' }), ok);
  const start = performance.now();
  await server.client().lookup(REQUEST);
  assert.ok(performance.now() - start >= 990);
});

test('Retry-After beyond the time of the call is not waited for', async () => {
  const server = await faulty(failing(503, error('STORE_UNAVAILABLE'), { 'retry-after': '60' }));
  const start = performance.now();
  const thrown = await caught(server.client({ timeoutMillis: 20_000 }).lookup(REQUEST));
  assert.ok(thrown instanceof PlumbApiError);
  assert.equal(thrown.retryAfterMillis, 60_000);
  assert.ok(performance.now() - start < 10_000);
  assert.equal(server.requests(), 1);
});

test('silence is tried again, and then a timeout', async () => {
  const server = await faulty(silent);
  const thrown = await caught(server.client({ silenceMillis: 1_500, retries: 1 }).lookup(REQUEST));
  assert.ok(thrown instanceof PlumbTimeoutError);
  assert.equal(thrown.kind, 'silence');
  assert.equal(server.requests(), 2);
});

test('a call ends with its time, however lively the answer', async () => {
  const server = await faulty(drip);
  const start = performance.now();
  const thrown = await caught(server.client({ silenceMillis: 2_000 }).lookup(REQUEST, { timeoutMillis: 4_000 }));
  assert.ok(thrown instanceof PlumbTimeoutError);
  assert.equal(thrown.kind, 'total');
  const elapsed = performance.now() - start;
  assert.ok(elapsed >= 3_990 && elapsed < 20_000, `${elapsed} ms`);
  assert.equal(server.requests(), 1);
});

test('nobody listens', async () => {
  const client = new PlumbClient({ url: await deadUrl(), headers: { authorization: SECRET }, retries: 1 });
  const thrown = await caught(client.lookup(REQUEST));
  assert.ok(thrown instanceof PlumbConnectionError);
  assert.match(thrown.message, /^POST \/v1\/online-features: .*ECONNREFUSED/);
});

for (const [name, listener] of [
  ['before the answer', silent],
  ['within the body', drip],
] as const) {
  test(`aborted ${name}: the reason is thrown`, async () => {
    const controller = new AbortController();
    const reason = new Error('the user left');
    const server = await faulty((request, response) => {
      listener(request, response);
      setTimeout(() => controller.abort(reason), 50);
    });
    assert.equal(await caught(server.client().lookup(REQUEST, { signal: controller.signal })), reason);
    assert.equal(server.requests(), 1);
  });
}

test('aborted in the wait before a retry; aborted before the call', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const server = await faulty((request, response) => {
    failing(503, error('STORE_UNAVAILABLE'), { 'retry-after': '20' })(request, response);
    setTimeout(() => controller.abort(), 100);
  });
  const thrown = await server
    .client()
    .lookup(REQUEST, { signal })
    .catch((reason: unknown) => reason);
  assert.equal(thrown, signal.reason);
  assert.equal(server.requests(), 1);
  await assert.rejects(
    server.client().lookup(REQUEST, { signal: AbortSignal.abort('done') }),
    (reason) => reason === 'done',
  );
  assert.equal(server.requests(), 1);
});

test('a signal that lives long is not held on to', async () => {
  const server = await faulty(ok);
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  for (let i = 0; i < 5; i += 1) await server.client().lookup(REQUEST, { signal });
  assert.equal(listeners, 0);
});

const LABELS = [{ user_id: 1, event_timestamp: '2026-01-08T00:00:00Z' }];

test('a job is not sent again after a reset: it may have been taken', async () => {
  const server = await faulty(reset);
  const { datasets, materializations } = server.client({ retries: 2 });
  await caught(datasets.create({ service: 'ranking', labels: LABELS }));
  await caught(materializations.create());
  assert.equal(server.requests(), 2);
});

test('a job is sent again where nobody listened', async () => {
  let calls = 0;
  const fetch = (...args: Parameters<typeof globalThis.fetch>): Promise<Response> => {
    calls += 1;
    return globalThis.fetch(...args);
  };
  const client = new PlumbClient({ url: await deadUrl(), retries: 2, fetch });
  assert.ok((await caught(client.materializations.create())) instanceof PlumbConnectionError);
  assert.equal(calls, 3);
});

test('waiting ends with the signal; the job goes on, or is cancelled where that is wished', async () => {
  const server = await startApiServer();
  server.jobMillis = 60_000;
  const { datasets } = new PlumbClient({ url: server.url });
  const job = await datasets.create({ service: 'ranking', labels: LABELS });
  const reason = new Error('enough');
  const later = (): AbortSignal => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 60);
    return controller.signal;
  };
  assert.equal(await caught(job.wait({ signal: later(), pollMillis: 10 })), reason);
  assert.equal((await job.state()).status, 'queued');
  assert.equal(
    await caught(datasets.job(job.id).wait({ signal: later(), pollMillis: 10, cancelOnAbort: true })),
    reason,
  );
  assert.equal((await job.state()).status, 'cancelled');
  const thrown = await caught(job.wait());
  assert.ok(thrown instanceof PlumbJobError);
  assert.equal(thrown.code, 'CANCELLED');
  assert.equal(thrown.job.id, job.id);
  assert.equal((await job.cancel()).status, 'cancelled');
});

test('a server that is away for a moment does not end the waiting', async () => {
  const server = await startApiServer();
  const { datasets } = new PlumbClient({ url: server.url, retries: 0 });
  let away = 3;
  server.interventions.push(({ path }, response) => {
    if (!path.startsWith('/v1/jobs/') || away === 0) return false;
    away -= 1;
    response.destroy();
    return true;
  });
  const job = await datasets.create({ service: 'ranking', labels: LABELS });
  assert.equal((await job.wait({ pollMillis: 10 })).manifest.rows, 1);
  assert.equal(away, 0);
});

test('an explanation may take longer than the silence of other calls', async () => {
  const told = { version: 1, features: [], rows: [[]], at: 'x', explain: [] };
  const slow: RequestListener = (_, response) => void setTimeout(() => response.end(JSON.stringify(told)), 1_000);
  const server = await faulty(slow);
  const client = server.client({ silenceMillis: 200, retries: 0 });
  assert.deepEqual((await client.explain({ service: 's', entity: {} })).explanations, []);
  const thrown = await caught(client.explain({ service: 's', entity: {} }, { timeoutMillis: 300 }));
  assert.match(thrown.message, /took longer than 300 ms|silence for 300 ms/);
});

test('silence is not counted while a large body goes up; the time of the call is', async () => {
  const slow: RequestListener = (_, response) => void setTimeout(() => ok(_, response), 300);
  const server = await faulty(slow);
  const entities = Array.from({ length: 100_000 }, (_, user_id) => ({ user_id }));
  const client = server.client({ silenceMillis: 100, retries: 0 });
  assert.deepEqual((await client.lookup({ service: 'ranking', entities })).rows, [[1]]);
  assert.ok((await caught(client.lookup(REQUEST))) instanceof PlumbTimeoutError);
  const thrown = await caught(client.lookup({ service: 'ranking', entities }, { timeoutMillis: 200 }));
  assert.ok(thrown instanceof PlumbTimeoutError && thrown.kind === 'total');
});

test('the path of the url stays in front', async () => {
  const paths: (string | undefined)[] = [];
  const server = await faulty((request, response) => {
    paths.push(request.url);
    response.end(JSON.stringify(ANSWER));
  });
  for (const url of [`${server.url}/plumb/`, new URL(`${server.url}/plumb`)])
    await new PlumbClient({ url }).lookup(REQUEST);
  assert.deepEqual(paths, ['/plumb/v1/online-features', '/plumb/v1/online-features']);
});

test('a page that points to itself would be endless: a loop that ends early fetches no more', async () => {
  const page = JSON.stringify({ entities: [{ name: 'a' }, { name: 'b' }], next: 'again' });
  const server = await faulty(failing(200, page));
  const names: string[] = [];
  for await (const { name } of server.client().registry.entities()) {
    names.push(name);
    if (names.length === 3) break;
  }
  assert.deepEqual(names, ['a', 'b', 'a']);
  assert.equal(server.requests(), 2);
});

test('not ready: what is missing; nobody there: an error', async () => {
  const server = await faulty(failing(503, error('NOT_APPLIED')));
  const state = await server.client().ready();
  assert.equal(state.ready, false);
  assert.equal(state.ready === false ? state.reason.code : '', 'NOT_APPLIED');
  assert.equal(server.requests(), 1);
  assert.ok((await caught(new PlumbClient({ url: await deadUrl() }).ready())) instanceof PlumbConnectionError);
});

test('the key is that of `apiKey`, else of PLUMB_API_KEY; an authorization among the headers goes before it', async () => {
  const seen: (string | undefined)[] = [];
  const server = await faulty((request, response) => {
    seen.push(request.headers.authorization);
    response.end(JSON.stringify(ANSWER));
  });
  const before = process.env.PLUMB_API_KEY;
  process.env.PLUMB_API_KEY = 'of-the-environment';
  try {
    await new PlumbClient({ url: server.url }).lookup(REQUEST);
    await new PlumbClient({ url: server.url, apiKey: 'mine\n' }).lookup(REQUEST);
    await new PlumbClient({ url: server.url, apiKey: null }).lookup(REQUEST);
    await new PlumbClient({ url: server.url, apiKey: 'mine', headers: { Authorization: 'Basic x' } }).lookup(REQUEST);
    process.env.PLUMB_API_KEY = '';
    await new PlumbClient({ url: server.url }).lookup(REQUEST);
  } finally {
    if (before === undefined) delete process.env.PLUMB_API_KEY;
    else process.env.PLUMB_API_KEY = before;
  }
  assert.deepEqual(seen, ['Bearer of-the-environment', 'Bearer mine', undefined, 'Basic x', undefined]);
  for (const apiKey of ['s3cret\nx', 's3cret x', '', 's3crét'])
    assert.throws(
      () => new PlumbClient({ url: server.url, apiKey }),
      (error: Error) => /apiKey/.test(error.message) && !error.message.includes('s3cr'),
    );
});

test('headers are asked for before each try', async () => {
  const seen: (string | undefined)[] = [];
  const server = await faulty((request, response) => {
    seen.push(request.headers.authorization);
    if (seen.length < 3) return void response.writeHead(503).end();
    response.end(JSON.stringify(ANSWER));
  });
  let token = 0;
  const headers = async (): Promise<Record<string, string>> => {
    await sleep(1);
    token += 1;
    return { authorization: `t${token}` };
  };
  await server.client({ headers }).lookup(REQUEST);
  assert.deepEqual(seen, ['t1', 't2', 't3']);
});

test('options that cannot be, without repeating a secret', async () => {
  for (const options of [
    { url: 'http://x', headers: { authorization: 's3cret\nx' } },
    { url: 'http://x', timeoutMillis: 0 },
    { url: 'http://x', silenceMillis: Number.NaN },
    { url: 'http://x', retries: 1.5 },
  ]) {
    assert.throws(
      () => new PlumbClient(options),
      (thrown) => thrown instanceof TypeError && !thrown.message.includes('s3cret'),
    );
  }
  const server = await faulty(ok);
  const thrown = await caught(server.client({ headers: () => ({ authorization: 's3cret\nx' }) }).lookup(REQUEST));
  assert.ok(thrown instanceof TypeError);
  assert.match(thrown.message, /"authorization" is not valid/);
  const cause = new Error('s3cret expired');
  const failed = await caught(server.client({ headers: () => Promise.reject(cause) }).lookup(REQUEST));
  assert.ok(failed instanceof TypeError);
  assert.equal(failed.cause, cause);
  assert.equal(server.requests(), 0);
});
