// The end of a server that listens: no new connections, every request that arrived is answered, then nothing is open.
import type { Server } from 'node:http';
import { Server as TcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connections } from './connections.ts';

export interface DrainReport {
  /** Requests that were not answered in time, and were cut off. */
  readonly cutOff: number;
}

/** Longer than a busy client pauses between two requests: its next one is then answered, and told to be the last. */
const IDLE_MILLIS = 250;
const CHECK_MILLIS = 25;

export async function drain(server: Server, connections: Connections, timeoutMillis: number): Promise<DrainReport> {
  connections.sayClose();
  const giveUpAtMillis = performance.now() + timeoutMillis;
  await arrivedIsRead();
  const closed = stopListening(server);
  while (!(await isSettledWithin(closed, CHECK_MILLIS))) {
    if (performance.now() >= giveUpAtMillis) return cutOff(connections, closed);
    await arrivedIsRead();
    connections.closeIdle(IDLE_MILLIS);
  }
  return { cutOff: 0 };
}

/** Right after the event loop looked for input: connections were accepted and requests read. */
const arrivedIsRead = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Resolves when the last connection is closed. */
async function stopListening(server: Server): Promise<void> {
  // The close() of HTTP servers would also close connections that are idle now, also those that are about to be used.
  await new Promise((resolve) => TcpServer.prototype.close.call(server, resolve));
  // For its timers; it no longer listens, and says so to its callback.
  await new Promise((resolve) => server.close(resolve));
}

const isSettledWithin = (promise: Promise<void>, millis: number): Promise<boolean> =>
  Promise.race([promise.then(() => true), sleep(millis, false)]);

async function cutOff(connections: Connections, closed: Promise<void>): Promise<DrainReport> {
  const report = { cutOff: connections.busyCount() };
  connections.closeAll();
  await closed;
  return report;
}
