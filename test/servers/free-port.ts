// Ports for servers that tests start as processes.
import { once } from 'node:events';
import { createServer } from 'node:net';

const given = new Set<number>();

/** By chance, below those that the system gives to connections: one of those may be taken before a server has it. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
  throw new Error('no free port');
}
