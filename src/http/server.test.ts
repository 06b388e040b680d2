import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { FileObjectStore } from '../offline/file/file-object-store.ts';
import { fakeParts } from './fake-parts.ts';
import { type ServerOptions, startServer } from './server.ts';

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
  const server = await startServer(options({ lookup, drainMillis: 100 }));
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  const inFlight = ask(server.url);
  await entered;
  const stopped = server.stop();
  const draining = await fetch(`${server.url}/readyz`);
  assert.deepEqual([draining.status, draining.headers.get('connection')], [503, 'close']);
  await new Promise((resolve) => setTimeout(resolve, 150));
  await assert.rejects(fetch(`${server.url}/healthz`));
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
  assert.ok(Date.now() - startedMillis < 1000);
  agent.destroy();
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

const timeouts = { headersMillis: 300, requestMillis: 600, idleMillis: 400, keepAliveMillis: 300 };

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
    assert.ok(livedMillis < 3000, `${livedMillis} ms`);
  assert.doesNotMatch(drops.answer + stalled.answer + silent.answer, / 200 /);
  assert.match(idle.answer, /^HTTP\/1\.1 200 /);
  await server.stop();
});
