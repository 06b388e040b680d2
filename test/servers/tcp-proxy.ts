// A TCP proxy in this process that can be told to misbehave: between a real client and a real server, on loopback.
//
//   client ─▶ proxy ─▶ server      each direction is a line of chunks; a fault decides what becomes of a chunk
//
// A fault holds for open connections and for those that come while it lasts. `heal` ends it: connections that lost bytes
// or a side are reset then, for a stream with a gap in it must not go on.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type ProxyFault =
  /** Open connections are reset, now; new ones are served. */
  | { readonly kind: 'cut' }
  /** Open connections are reset, new ones too. */
  | { readonly kind: 'reset' }
  /** Connections are taken and stay open; what is sent arrives when this is over. */
  | { readonly kind: 'black_hole' }
  /** Each chunk arrives later, in order. */
  | { readonly kind: 'delay'; readonly millis: number }
  /** So many bytes a second in each direction of each connection. */
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** The server's side is gone; the client's side stays open and silent. */
  | { readonly kind: 'half_open' }
  /** Requests reach the server, its answers get lost. */
  | { readonly kind: 'lose_answers' }
  /** Each connection is reset when so many more bytes of answers have passed. */
  | { readonly kind: 'drop_after'; readonly bytes: number };

const PIECE_BYTES = 1024;

export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** On a free port, in front of a server of this machine, which need not be there yet. */
  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) => proxy.#accept(client, targetPort));
    return proxy;
  }

  #fault: ProxyFault | null = null;

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Replaces the fault before it. */
  set(fault: ProxyFault): void {
    this.heal();
    if (fault.kind === 'cut' || fault.kind === 'reset') this.#resetAll();
    if (fault.kind === 'cut') return;
    this.#fault = fault;
    for (const connection of this.#connections) connection.apply(fault);
  }

  heal(): void {
    this.#fault = null;
    for (const connection of this.#connections) connection.heal();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#resetAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket, targetPort: number): void {
    if (this.#fault?.kind === 'reset') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const connection = new ProxiedConnection(client, targetPort, () => this.#connections.delete(connection));
    this.#connections.add(connection);
    if (this.#fault !== null) connection.apply(this.#fault);
  }

  #resetAll(): void {
    for (const connection of this.#connections) connection.reset();
  }
}

class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #onGone: () => void;
  #fault: ProxyFault | null = null;
  /** Settles when a black hole ends. */
  #held: PromiseWithResolvers<void> | null = null;
  #leftBytes = Number.POSITIVE_INFINITY;
  /** A chunk or a side was lost for good. */
  #isBroken = false;

  constructor(client: Socket, targetPort: number, onGone: () => void) {
    this.#client = client;
    this.#onGone = onGone;
    this.#server = connect({ host: '127.0.0.1', port: targetPort, allowHalfOpen: true, noDelay: true });
    this.#pipe(client, this.#server, false);
    this.#pipe(this.#server, client, true);
    client.on('error', () => this.reset());
    client.on('close', () => this.#end());
    this.#server.on('error', () => this.#serverLost());
    this.#server.on('close', () => this.#serverLost());
  }

  apply(fault: ProxyFault): void {
    this.#fault = fault;
    if (fault.kind === 'black_hole') this.#held ??= Promise.withResolvers();
    if (fault.kind === 'drop_after') this.#leftBytes = fault.bytes;
    if (fault.kind !== 'half_open') return;
    this.#isBroken = true;
    this.#server.destroy();
  }

  heal(): void {
    this.#fault = null;
    this.#leftBytes = Number.POSITIVE_INFINITY;
    this.#held?.resolve();
    this.#held = null;
    if (this.#isBroken) this.reset();
  }

  reset(): void {
    // Node never closes a socket that is reset while its end is on the way.
    if (!this.#client.writableEnded) this.#client.resetAndDestroy();
    this.#end();
  }

  #end(): void {
    this.#held?.resolve();
    this.#server.destroy();
    this.#client.destroy();
    this.#onGone();
  }

  /** A server that ends or resets does so to the client too, unless that is what the client must not learn. */
  #serverLost(): void {
    if (this.#fault?.kind === 'half_open' || this.#held !== null) this.#isBroken = true;
    else this.reset();
  }

  /** Chunks pass one after the other; reading waits until the one before is written. */
  #pipe(from: Socket, to: Socket, isAnswer: boolean): void {
    let line = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      const cameAt = performance.now();
      from.pause();
      line = line.then(() => this.#pass(chunk, to, isAnswer, cameAt)).then(() => void from.resume());
    });
    from.on('end', () => {
      line = line.then(() => void to.end());
    });
  }

  async #pass(chunk: Buffer, to: Socket, isAnswer: boolean, cameAt: number): Promise<void> {
    await this.#held?.promise;
    const fault = this.#fault;
    if (isAnswer && fault?.kind === 'lose_answers') {
      this.#isBroken = true;
      return;
    }
    if (fault?.kind === 'delay') await sleep(Math.max(0, cameAt + fault.millis - performance.now()));
    if (fault?.kind === 'throttle') return await this.#trickle(chunk, to, fault.bytesPerSecond);
    if (isAnswer && chunk.length > this.#leftBytes) {
      await written(to, chunk.subarray(0, this.#leftBytes));
      return this.reset();
    }
    if (isAnswer) this.#leftBytes -= chunk.length;
    await written(to, chunk);
  }

  /** Until healed, in small pieces. */
  async #trickle(chunk: Buffer, to: Socket, bytesPerSecond: number): Promise<void> {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      const piece = chunk.subarray(start, start + PIECE_BYTES);
      if (this.#fault?.kind === 'throttle') await sleep((1000 * piece.length) / bytesPerSecond);
      await written(to, piece);
    }
  }
}

/** Resolves when it is on its way, or the socket is gone. */
function written(to: Socket, chunk: Buffer): Promise<void> {
  if (to.destroyed || chunk.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    to.once('close', resolve);
    to.write(chunk, () => {
      to.off('close', resolve);
      resolve();
    });
  });
}
