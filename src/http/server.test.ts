import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../schemas/errors.ts';
import { fakeParts } from '../../test/support/fake-parts.ts';
import { eventually, until } from '../../test/waiting.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { listen, type ServerOptions, startServer } from './server.ts';

const parts = fakeParts(new FileObjectStore({ root: await mkdtemp(join(tmpdir(), 'plumb-http-')) }));
const options = (overrides: Partial<ServerOptions> = {}): ServerOptions => ({
  ...parts,
  lookup: { answer: async () => Buffer.from('{}') },
  ready: async () => {},
  host: '127.0.0.1',
  port: 0,
  ...overrides,
});
const BODY = '{"service":"s","entities":[]}';
const ask = (url: string, body: RequestInit['body'] = BODY) =>
  fetch(`${url}/v1/online-features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  } as RequestInit);

test('stop lets requests in flight finish, turns readiness off and takes no new connection', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<Buffer<ArrayBuffer>>();
  const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
  const lookup = {
    answer: () => {
      enter();
      return gate;
    },
  };
  const server = await startServer(options({ lookup, drainDelayMillis: 2_000 }));
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  const inFlight = ask(server.url);
  await entered;
  const stopped = server.stop();
  const draining = await fetch(`${server.url}/readyz`);
  assert.deepEqual([draining.status, draining.headers.get('connection')], [503, 'close']);
  await eventually(() => assert.rejects(fetch(`${server.url}/healthz`)));
  open(Buffer.from('{"late":true}'));
  assert.equal(await (await inFlight).text(), '{"late":true}');
  await stopped;
});

test('a kept-alive connection does not hold up the end', async () => {
  const server = await startServer(options());
  const agent = new Agent({ keepAlive: true });
  await new Promise((resolve) =>
    request(`${server.url}/healthz`, { agent }, (answer) => answer.resume().on('end', resolve)).end(),
  );
  const startedMillis = Date.now();
  await server.stop();
  assert.ok(Date.now() - startedMillis < 10_000, 'it waits for no timeout');
  agent.destroy();
});

/** A raw connection: sends what it is told to, and collects all that comes. */
async function rawClient(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const client = { answer: '', closed: once(socket, 'close'), failed: null as Error | null, socket };
  socket.on('data', (chunk) => {
    client.answer += chunk;
  });
  socket.on('error', (error) => {
    client.failed = error;
  });
  await once(socket, 'connect');
  return client;
}

const GET = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

test('stopping: an answer under way, the next one on an idle connection and a half-sent request all get through, each the last', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<Buffer<ArrayBuffer>>();
  let asked = 0;
  const answer = () => {
    asked += 1;
    return gate;
  };
  const server = await startServer(options({ lookup: { answer }, drainDelayMillis: 1_000 }));
  const [underWay, idle, half] = await Promise.all([1, 2, 3].map(() => rawClient(server.url)));
  assert.ok(underWay && idle && half);
  const head = 'POST /v1/online-features HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  underWay.socket.write(`${head}Content-Length: ${BODY.length}\r\n\r\n${BODY}`);
  await until(() => asked === 1);
  idle.socket.write(GET);
  await until(() => idle.answer.endsWith('}'));
  assert.doesNotMatch(idle.answer, /connection: close/i);
  half.socket.write(GET.slice(0, 20));
  await sleep(50);

  const stopped = server.stop();
  idle.answer = '';
  idle.socket.write(GET);
  await until(() => idle.answer.endsWith('}'));
  assert.match(idle.answer, /^HTTP\/1\.1 200 [\s\S]*connection: close/i);
  // Past the delay, and past the time after which idle connections are closed.
  await sleep(1_600);
  half.socket.write(GET.slice(20));
  open(Buffer.from('{"late":true}'));
  await Promise.all([underWay.closed, idle.closed, half.closed]);
  assert.match(underWay.answer, /^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*\{"late":true\}$/i);
  assert.match(half.answer, /^HTTP\/1\.1 200 [\s\S]*connection: close/i);
  assert.deepEqual([underWay.failed, idle.failed, half.failed], [null, null, null]);
  assert.deepEqual(await stopped, { cutOff: 0 });
});

test('stopping: connections that never said anything do not hold it up', async () => {
  const server = await startServer(options());
  const silent = await rawClient(server.url);
  const startedMillis = Date.now();
  assert.deepEqual(await server.stop(), { cutOff: 0 });
  assert.ok(Date.now() - startedMillis < 10_000, 'it waits for no timeout');
  await silent.closed;
  assert.equal(silent.failed, null);
});

test('stopping: what takes longer than the timeout is cut off, and counted', async () => {
  let asked = 0;
  const answer = () => {
    asked += 1;
    return new Promise<never>(() => {});
  };
  const server = await startServer(options({ lookup: { answer }, drainTimeoutMillis: 300 }));
  const cut = [ask(server.url), ask(server.url)].map((one) => assert.rejects(one));
  await until(() => asked === 2);
  assert.deepEqual(await server.stop(), { cutOff: 2 });
  await Promise.all(cut);
});

test('stopping: no new jobs from the first moment on', async () => {
  const server = await startServer(options({ drainDelayMillis: 3000 }));
  const stopped = server.stop();
  const refused = await fetch(`${server.url}/v1/materializations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  assert.deepEqual([refused.status, /"DRAINING"/.test(await refused.text())], [503, true]);
  assert.equal((await ask(server.url)).status, 200, 'lookups go on');
  await stopped;
});

test('before its stores are open a server says that it lives, and what it waits for', async () => {
  const server = await listen({ host: '127.0.0.1', port: 0 });
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  const starting = await ask(server.url);
  assert.deepEqual([starting.status, starting.headers.get('retry-after')], [503, '1']);
  assert.match(await starting.text(), /STORE_UNAVAILABLE.*is starting/);
  server.waitFor(new PlumbError('STORAGE_UNAVAILABLE', 'not mounted'));
  for (const waiting of [await ask(server.url), await fetch(`${server.url}/readyz`)]) {
    assert.equal(waiting.status, 503);
    assert.match(await waiting.text(), /STORAGE_UNAVAILABLE.*not mounted/);
  }
  server.answerFrom(options());
  assert.deepEqual([(await ask(server.url)).status, (await fetch(`${server.url}/readyz`)).status], [200, 200]);
  const stopped = server.stop(2_000);
  assert.match(await (await fetch(`${server.url}/readyz`)).text(), /DRAINING.*draining/);
  await stopped;
});

test('a chunked body is counted while it comes', async () => {
  const server = await startServer(options());
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(500)) });
  const answer = await ask(server.url, endless).catch(() => null);
  assert.ok(answer === null || answer.status === 413);
  assert.equal((await ask(server.url)).status, 200);
  await server.stop();
});

test('a port in use is told so', async () => {
  const first = await startServer(options());
  const port = Number(new URL(first.url).port);
  await assert.rejects(
    startServer(options({ port })),
    (error) => error instanceof PlumbError && error.code === 'CONFLICT',
  );
  await first.stop();
});

test('an address that is not ours is refused', async () => {
  await assert.rejects(
    startServer(options({ host: '192.0.2.1' })),
    (error) => error instanceof PlumbError && error.code === 'INVALID_CONFIG',
  );
});

/** Long enough that a pause of this process ends no honest request, and far below those of a server that is not told any. */
const timeouts = { headersMillis: 1_500, requestMillis: 3_000, idleMillis: 2_000, keepAliveMillis: 1_500 };

/** How long the server lets a connection live that says `first`, then `more` every 100 ms, and what it answers. */
async function slowClient(url: string, first: string, more: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  socket.write(first);
  const dripping = setInterval(() => more !== '' && socket.write(more), 100);
  const startedMillis = Date.now();
  await new Promise((resolve) => socket.on('close', resolve));
  clearInterval(dripping);
  return { livedMillis: Date.now() - startedMillis, answer };
}

test('clients that send head or body drop by drop, or nothing at all, are cut off; others are answered meanwhile', async () => {
  const server = await startServer(options({ clientTimeouts: timeouts }));
  const post = 'POST /v1/online-features HTTP/1.1\r\nHost: x\r\n';
  const body = `${post}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`;
  const slow = Promise.all([
    slowClient(server.url, post, 'X: y\r\n'),
    slowClient(server.url, body, ' '),
    slowClient(server.url, body, ''),
    slowClient(server.url, '', ''),
    slowClient(server.url, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', ''),
  ]);
  assert.equal((await ask(server.url)).status, 200);
  const [head, drops, stalled, silent, idle] = await slow;
  assert.match(head.answer, /^HTTP\/1\.1 408 /);
  for (const { livedMillis } of [head, drops, stalled, silent, idle])
    assert.ok(livedMillis < 10_000, `${livedMillis} ms`);
  assert.doesNotMatch(drops.answer + stalled.answer + silent.answer, / 200 /);
  assert.match(idle.answer, /^HTTP\/1\.1 200 /);
  await server.stop();
});
