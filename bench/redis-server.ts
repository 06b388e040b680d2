// A Redis of its own for a bench: Debian's redis-server on a free port of 127.0.0.1, nothing kept on disk.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
}

const READY_MILLIS = 10_000;

export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'plumb-bench-redis-'));
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<Error>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === 'ENOENT' ? new Error('redis-server is not installed: `apt-get install redis-server`') : error,
      ),
    );
    child.once('close', (code) => resolve(new Error(`redis-server ended with ${code}`)));
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('Ready to accept connections')) resolve();
    });
    setTimeout(() => reject(new Error('redis-server is not ready')), READY_MILLIS).unref();
    void ended.then(reject);
  });
  const stop = async (): Promise<void> => {
    if (child.kill('SIGTERM')) await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready;
    return { url: `redis://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
