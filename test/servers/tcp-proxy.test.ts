import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../waiting.ts';
import { type ProxyFault, TcpProxy } from './tcp-proxy.ts';

const echo = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
}).listen(0, '127.0.0.1');
await once(echo, 'listening');
const proxy = await TcpProxy.start((echo.address() as AddressInfo).port);
after(async () => {
  await proxy[Symbol.asyncDispose]();
  echo.close();
});

interface Client {
  readonly socket: Socket;
  readonly received: () => string;
  readonly closed: Promise<unknown>;
}

async function client(): Promise<Client> {
  const socket = connect({ host: '127.0.0.1', port: proxy.port });
  const chunks: string[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => chunks.push(chunk.toString()));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return { socket, received: () => chunks.join(''), closed };
}

async function under(fault: ProxyFault, act: (client: Client) => Promise<void>): Promise<void> {
  const opened = await client();
  opened.socket.write('before ');
  await until(() => opened.received() === 'before ');
  try {
    proxy.set(fault);
    await act(opened);
  } finally {
    proxy.heal();
    opened.socket.destroy();
  }
  const later = await client();
  later.socket.write('healed');
  await until(() => later.received() === 'healed');
  later.socket.destroy();
}

test('cut: open connections are reset, new ones are served', () =>
  under({ kind: 'cut' }, async ({ closed }) => {
    await closed;
    const next = await client();
    next.socket.write('on');
    await until(() => next.received() === 'on');
    next.socket.destroy();
  }));

test('reset: nobody gets through', () =>
  under({ kind: 'reset' }, async ({ closed }) => {
    await closed;
    await (await client()).closed;
  }));

test('black hole: connections stay, what was sent arrives afterwards, in order', () =>
  under({ kind: 'black_hole' }, async ({ socket, received }) => {
    const next = await client();
    socket.write('one ');
    next.socket.write('two');
    await sleep(50);
    socket.write('three');
    assert.deepEqual([received(), next.received()], ['before ', '']);
    proxy.heal();
    await until(() => received() === 'before one three' && next.received() === 'two');
    next.socket.destroy();
  }));

test('delay: later, in order', () =>
  under({ kind: 'delay', millis: 100 }, async ({ socket, received }) => {
    const startedAt = performance.now();
    socket.write('one ');
    await sleep(20);
    socket.write('two');
    await until(() => received() === 'before one two');
    assert.ok(performance.now() - startedAt >= 195);
  }));

test('throttle: in small pieces', () =>
  under({ kind: 'throttle', bytesPerSecond: 50_000 }, async ({ socket, received }) => {
    const startedAt = performance.now();
    socket.write('x'.repeat(10_000));
    await until(() => received().length === 10_007);
    assert.ok(performance.now() - startedAt >= 190);
  }));

test('half open: silence, and a reset when it is over', () =>
  under({ kind: 'half_open' }, async ({ socket, received, closed }) => {
    socket.write('lost');
    await sleep(50);
    assert.deepEqual([received(), socket.closed], ['before ', false]);
    proxy.heal();
    await closed;
  }));

test('lost answers: the server hears, the client does not, and the connection does not go on', () =>
  under({ kind: 'lose_answers' }, async ({ socket, received, closed }) => {
    socket.write('lost');
    await sleep(50);
    assert.equal(received(), 'before ');
    proxy.heal();
    await closed;
    assert.equal(received(), 'before ');
  }));

test('drop after: so many bytes, then a reset', () =>
  under({ kind: 'drop_after', bytes: 4 }, async ({ socket, received, closed }) => {
    socket.write('onetwo');
    await closed;
    assert.equal(received(), 'before onet');
  }));
