import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { holdPort, listening } from './port.ts';

const HOST = '127.0.0.1';

async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = await listening(server, { host: HOST, port: 0 });
  server.close();
  return port;
}

const onLinux = { skip: process.platform === 'linux' ? false : 'only Linux has sockets without a file' };

test(
  'regression: of two servers that start at once only one has the port, before anybody listens on it',
  onLinux,
  async () => {
    const wanted = { host: HOST, port: await freePort() };
    {
      await using first = await holdPort(wanted);
      assert.deepEqual([first.number, first.url], [wanted.port, `http://${HOST}:${wanted.port}`]);
      await assert.rejects(holdPort(wanted), { code: 'CONFLICT', message: /port \d+ on 127\.0\.0\.1 is in use/ });
    }
    await using _again = await holdPort(wanted);
  },
);

test('a port that the system chose is free once it is disposed of, released before or not', async () => {
  for (const isReleased of [true, false]) {
    let number = 0;
    {
      await using held = await holdPort({ host: HOST, port: 0 });
      number = held.number;
      if (isReleased) await held.release();
    }
    const server = createServer();
    await listening(server, { host: HOST, port: number });
    server.close();
  }
});

test('a port that is in use is refused and not kept', async () => {
  const server = createServer();
  const { port } = await listening(server, { host: HOST, port: 0 });
  await assert.rejects(holdPort({ host: HOST, port }), { code: 'CONFLICT' });
  await new Promise((resolve) => void server.close(resolve));
  await using _held = await holdPort({ host: HOST, port });
});
