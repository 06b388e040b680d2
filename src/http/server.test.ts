import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { type ServerOptions, startServer } from './server.ts';

const options = (overrides: Partial<ServerOptions> = {}): ServerOptions => ({
  lookup: { answer: async () => Buffer.from('{}') },
  ready: async () => {},
  limits: { bodyBytes: 1000, entitiesPerRequest: 10, labelRows: 4, labelBytes: 1000, queuedJobs: 2 },
  logger: { error: () => {}, warn: () => {} },
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
