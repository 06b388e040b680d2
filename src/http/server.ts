// Listens: the hono app on a Node server, and its graceful end. Knows no signals; the `serve` command turns those into stop().
import { createServer as createHttpServer, type ServerOptions as HttpServerOptions, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import type { PlumbError } from '../../schemas/errors.ts';
import { createHttpApp, type HttpAppParts } from './app.ts';
import { Connections } from './connections.ts';
import { type DrainReport, drain } from './drain.ts';
import { lookupListener, type TakeRequest } from './lookup/lookup-listener.ts';
import { listening, type PortOptions, urlOf } from './port.ts';
import { createStartingApp, STARTING } from './starting-app.ts';

export interface ListenOptions extends PortOptions {
  /** How long to go on serving with /readyz false, so that load balancers notice. */
  readonly drainDelayMillis?: number;
  /** After this, requests still in flight are cut off. */
  readonly drainTimeoutMillis?: number;
  readonly clientTimeouts?: ClientTimeouts;
}

export interface AnsweringParts extends Omit<HttpAppParts, 'readiness'> {
  /** Rejects with a PlumbError while lookups cannot be served. */
  ready(): Promise<void>;
}

export interface RunningServer {
  /** With the real port. */
  readonly url: string;
  /** Until it answers from something, all but /healthz is 503, and why. */
  waitFor(reason: PlumbError): void;
  answerFrom(parts: AnsweringParts): void;
  /**
   * Readiness turns false, and no new jobs are taken. After a delay (default: that of the options) it listens no more, idle
   * connections close, requests in flight finish. Resolves when nothing is open.
   */
  stop(delayMillis?: number): Promise<DrainReport>;
}

const DRAIN_TIMEOUT_MILLIS = 20_000;

/**
 * How long clients may take. A slow one costs a socket and little else, but sockets run out.
 * headers: a head is small; nobody honest takes longer.
 * request: the whole, so also an upload of the greatest labels over a slow line.
 * idle: neither side sent anything; also a client that stopped reading a part, which holds a file open.
 * keepAlive: longer than the 60 seconds after which load balancers reuse no connection, so that they close first.
 */
export interface ClientTimeouts {
  readonly headersMillis: number;
  readonly requestMillis: number;
  readonly idleMillis: number;
  readonly keepAliveMillis: number;
}

const CLIENT_TIMEOUTS: ClientTimeouts = {
  headersMillis: 15_000,
  requestMillis: 900_000,
  idleMillis: 120_000,
  keepAliveMillis: 72_000,
};

export type ServerOptions = ListenOptions & AnsweringParts;

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = await listen(options);
  server.answerFrom(options);
  return server;
}

/** CONFLICT where the port is taken. */
export async function listen(options: ListenOptions): Promise<RunningServer> {
  const readiness = { draining: false, check: (): Promise<void> => Promise.reject(STARTING) };
  let app = createStartingApp(readiness);
  let refuseJobs = (): void => {};
  let take: TakeRequest = () => false;
  const route = getRequestListener((...args) => app.fetch(...args));
  const server = createServer(options.clientTimeouts);
  server.on('request', (request, response) => {
    if (!take(request, response)) void route(request, response);
  });
  const connections = new Connections(server);
  const address = await listening(server, options);

  let stopped: Promise<DrainReport> | null = null;
  const stop = async (delayMillis: number): Promise<DrainReport> => {
    readiness.draining = true;
    refuseJobs();
    connections.sayClose();
    await sleep(delayMillis);
    return await drain(server, connections, options.drainTimeoutMillis ?? DRAIN_TIMEOUT_MILLIS);
  };
  return {
    url: urlOf(address),
    waitFor: (reason) => {
      readiness.check = () => Promise.reject(reason);
    },
    answerFrom: (parts) => {
      readiness.check = () => parts.ready();
      refuseJobs = () => parts.jobs.refuseNew();
      app = createHttpApp({ ...parts, readiness });
      if (parts.duties.includes('lookup')) take = lookupListener(parts);
    },
    stop: (delayMillis = options.drainDelayMillis ?? 0) => (stopped ??= stop(delayMillis)),
  };
}

function createServer(clientTimeouts = CLIENT_TIMEOUTS): Server {
  const server = createHttpServer(timeouts(clientTimeouts));
  // A client may close its side once it has asked: Node would drop its answer. (Not in Node's types.)
  Object.assign(server, { httpAllowHalfOpen: true });
  server.setTimeout(clientTimeouts.idleMillis);
  return server;
}

const timeouts = ({ headersMillis, requestMillis, keepAliveMillis }: ClientTimeouts): HttpServerOptions => ({
  headersTimeout: headersMillis,
  requestTimeout: requestMillis,
  keepAliveTimeout: keepAliveMillis,
  connectionsCheckingInterval: Math.min(headersMillis / 2, 5000),
});
