// A server that misbehaves on a real socket, and what a client throws then.
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { PlumbClient, type PlumbClientOptions } from '../../sdk/typescript/src/index.ts';

export const SECRET = 'Bearer s3cret-token';

export interface Faulty {
  /** Sends `SECRET`. */
  readonly client: (options?: Partial<PlumbClientOptions>) => PlumbClient;
  readonly requests: () => number;
  readonly url: string;
}

/** Answers the nth request with the nth listener; the last one again and again. */
export async function faulty(...listeners: readonly RequestListener[]): Promise<Faulty> {
  let requests = 0;
  const server = createServer((request, response) => {
    const listener = listeners[Math.min(requests, listeners.length - 1)];
    requests += 1;
    request.resume();
    request.on('end', () => listener?.(request, response));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { authorization: SECRET };
  return { url, requests: () => requests, client: (options = {}) => new PlumbClient({ url, headers, ...options }) };
}

export const failing =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

/** The error that it rejects with, which must not hold the secret. */
export async function caught(work: Promise<unknown>): Promise<Error> {
  const thrown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof Error, 'it was rejected');
  assert.ok(!`${thrown.message} ${thrown.stack} ${JSON.stringify(thrown)}`.includes('s3cret'), 'no secret');
  return thrown;
}
