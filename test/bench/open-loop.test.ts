// The open load measures what it claims: latencies from the instant at which a request was due.
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLoop } from '../../bench/serving/open-loop.ts';

const BODIES = ['{"a":1}', '{"b":2}'];

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, [Symbol.dispose]: close };
}

test('a server with a known delay has that latency, and the stated rate', async () => {
  const seen = new Set<string>();
  using server = await serve(async (request, response) => {
    for await (const chunk of request) seen.add(`${request.url} ${chunk}`);
    await sleep(30);
    response.end('answer');
  });
  const load = { url: server.url, bodies: BODIES, requestsPerSecond: 100, seconds: 1, connections: 16 };
  const { requests, requestsPerSecond, p50Millis, p99Millis, maxMillis } = await openLoop(load);
  assert.equal(requests, 100);
  assert.ok(requestsPerSecond > 80 && requestsPerSecond < 110, String(requestsPerSecond));
  assert.ok(p50Millis >= 29 && p50Millis < 200, String(p50Millis));
  assert.ok(p99Millis >= p50Millis && maxMillis >= p99Millis);
  assert.deepEqual(seen, new Set(BODIES.map((body) => `/v1/online-features ${body}`)));
});

test('who comes while the server stands still is counted from when they came', async () => {
  let standsUntil = 0;
  let answered = 0;
  using server = await serve(async (_request, response) => {
    answered += 1;
    if (answered === 20) standsUntil = performance.now() + 600;
    await sleep(standsUntil - performance.now());
    response.end('answer');
  });
  // One of two hundred requests is slow on this one connection; eighty more were due meanwhile.
  const load = { url: server.url, bodies: BODIES, requestsPerSecond: 200, seconds: 1, connections: 1 };
  const { p50Millis, p99Millis, driverP99Millis } = await openLoop(load);
  assert.ok(p99Millis > 500, String(p99Millis));
  assert.ok(p50Millis > 20, String(p50Millis));
  assert.ok(driverP99Millis < p99Millis, String(driverP99Millis));
});

test('an answer that is not 2xx, and a connection that ends, fail the load', async () => {
  using refusing = await serve((_request, response) => response.writeHead(503).end('away'));
  using leaving = await serve((request) => request.socket.destroy());
  const load = { bodies: BODIES, requestsPerSecond: 100, seconds: 1, connections: 2 };
  await assert.rejects(openLoop({ ...load, url: refusing.url }), /503[\s\S]*expected 2xx/);
  await assert.rejects(openLoop({ ...load, url: leaving.url }), /closed the connection/);
});

test('a load may be ended before its time', async () => {
  using server = await serve((_request, response) => void response.end('answer'));
  const load = { url: server.url, bodies: BODIES, requestsPerSecond: 100, seconds: 60, connections: 2 };
  const { requests } = await openLoop({ ...load, until: AbortSignal.timeout(300) });
  assert.ok(requests > 0 && requests < 1000, String(requests));
});
