// Listens: the hono app on a Node server, and its graceful end. Knows no signals; the `serve` command turns those into stop().
import type { ServerOptions as HttpServerOptions, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { PlumbError } from '../../schemas/errors.ts';
import { createHttpApp, type HttpAppParts } from './app.ts';

export interface ServerOptions extends Omit<HttpAppParts, 'readiness'> {
  /** Rejects with a PlumbError while lookups cannot be served. */
  readonly ready: () => Promise<void>;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** How long to go on serving with /readyz false, so that load balancers notice. */
  readonly drainMillis?: number;
  /** After this, requests still in flight are cut off. */
  readonly stopMillis?: number;
  readonly clientTimeouts?: ClientTimeouts;
}

export interface RunningServer {
  /** With the real port. */
  readonly url: string;
  /** Readiness turns false, idle connections close, requests in flight finish. Resolves when nothing is open. */
  stop(): Promise<void>;
}

const IDLE_CHECK_MILLIS = 50;
const DEFAULT_STOP_MILLIS = 30_000;

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

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const readiness = { check: options.ready, draining: false };
  const app = createHttpApp({ ...options, readiness });
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: timeouts(options.clientTimeouts) }) as Server;
  // A client may close its side once it has asked: Node would drop its answer. (Not in Node's types.)
  Object.assign(server, { httpAllowHalfOpen: true });
  server.setTimeout((options.clientTimeouts ?? CLIENT_TIMEOUTS).idleMillis);
  server.prependListener('request', (_request, response) => {
    if (readiness.draining) response.setHeader('Connection', 'close');
  });
  const address = await listen(server, options);

  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    readiness.draining = true;
    await new Promise((resolve) => setTimeout(resolve, options.drainMillis ?? 0));
    await close(server, options.stopMillis ?? DEFAULT_STOP_MILLIS);
  };
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    stop: () => (stopped ??= stop()),
  };
}

const timeouts = ({ headersMillis, requestMillis, keepAliveMillis } = CLIENT_TIMEOUTS): HttpServerOptions => ({
  headersTimeout: headersMillis,
  requestTimeout: requestMillis,
  keepAliveTimeout: keepAliveMillis,
  connectionsCheckingInterval: Math.min(headersMillis / 2, 5000),
});

function listen(server: Server, { host, port }: ServerOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, host, port)));
    server.listen({ host, port }, () => resolve(server.address() as AddressInfo));
  });
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): PlumbError {
  if (cause.code === 'EADDRINUSE') {
    return new PlumbError('CONFLICT', `port ${port} on ${host} is in use; choose another with --port`, { cause });
  }
  return new PlumbError('INVALID_CONFIG', `cannot listen on ${host} port ${port}: ${cause.code ?? cause.message}`, {
    cause,
  });
}

function close(server: Server, stopMillis: number): Promise<void> {
  return new Promise((resolve) => {
    // A kept-alive connection is busy while its last answer is written, so close() alone can miss it.
    const closeIdle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MILLIS);
    const cutOff = setTimeout(() => server.closeAllConnections(), stopMillis);
    server.close(() => {
      clearInterval(closeIdle);
      clearTimeout(cutOff);
      resolve();
    });
  });
}
