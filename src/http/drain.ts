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
/** A longer turn of the event loop may have left requests unread that arrived while it lasted. */
const QUICK_TURN_MILLIS = 20;
const ACCEPT_MILLIS = 2000;

export async function drain(server: Server, connections: Connections, timeoutMillis: number): Promise<DrainReport> {
  connections.sayClose();
  const giveUpAtMillis = performance.now() + timeoutMillis;
  await acceptWaiting(connections);
  const closed = stopListening(server);
  while (!(await isSettledWithin(closed, CHECK_MILLIS))) {
    if (performance.now() >= giveUpAtMillis) return cutOff(connections, closed);
    if ((await turn()) < QUICK_TURN_MILLIS) connections.closeIdle(IDLE_MILLIS);
  }
  return { cutOff: 0 };
}

/**
 * The system accepts connections by itself, and resets those that the server has not taken over when it stops listening,
 * requests and all. A turn of the event loop takes one; where they never cease, this stops waiting.
 */
async function acceptWaiting(connections: Connections): Promise<void> {
  const giveUpAtMillis = performance.now() + ACCEPT_MILLIS;
  let before = -1;
  while (connections.accepted > before && performance.now() < giveUpAtMillis) {
    before = connections.accepted;
    await turn();
  }
}

/** Once around the event loop, to just after it looked for input. Returns how many milliseconds that took. */
async function turn(): Promise<number> {
  const startedMillis = performance.now();
  await new Promise((resolve) => setImmediate(resolve));
  return performance.now() - startedMillis;
}

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
