// Clients for a server that ends: each on one kept-alive connection, one request at a time.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Tally {
  answered: number;
  /** Connections that an answer said goodbye to, and those that were closed while nothing was asked. */
  told: number;
  closedIdle: number;
  /** What went wrong with a request that was sent: no whole answer, or one that is not 200. */
  readonly failures: string[];
}

export const newTally = (): Tally => ({ answered: 0, told: 0, closedIdle: 0, failures: [] });

interface Answer {
  readonly status: number;
  readonly isLast: boolean;
  readonly body: string;
}

/** One kept-alive connection that knows when it is asking. */
export class KeptAlive {
  readonly #socket: Socket;
  #received = '';
  #settle: PromiseWithResolvers<Answer> | null = null;
  isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#settle?.reject(error));
    socket.on('close', () => {
      this.isClosed = true;
      this.#settle?.reject(new Error('closed without an answer'));
    });
  }

  /** Rejects where nobody listens. */
  static async open(url: string): Promise<KeptAlive> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const kept = new KeptAlive(socket);
    await once(socket, 'connect');
    return kept;
  }

  async ask(method: 'GET' | 'POST', path: string, body = ''): Promise<Answer> {
    const settle = Promise.withResolvers<Answer>();
    this.#settle = settle;
    this.#received = '';
    const type = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    this.#socket.write(`${method} ${path} HTTP/1.1\r\nHost: plumb\r\n${type}\r\n${body}`);
    try {
      return await settle.promise;
    } finally {
      this.#settle = null;
    }
  }

  /** A part of the answer that is waited for, or was waited for last. */
  get hasReceived(): boolean {
    return this.#received !== '';
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received += chunk.toString('latin1');
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? Number.NaN);
    const body = this.#received.slice(headEnd + 4);
    if (Number.isNaN(length)) this.#settle?.reject(new Error(`no length: ${head}`));
    else if (body.length >= length)
      this.#settle?.resolve({ status: Number(head.slice(9, 12)), isLast: /^connection: close$/im.test(head), body });
  }
}

/**
 * A server that ends closes what was idle for 250 ms. A client that a busy machine held up for so long may send its request
 * just then; HTTP/1.1 cannot tell it whether it was heard, and neither is at fault.
 */
const LATE_MILLIS = 200;

export interface Load {
  readonly url: string;
  readonly path: string;
  readonly body: string;
  /** Between an answer and the next request. */
  readonly pauseMillis: () => number;
  /** Whether to open another connection where the last one was closed, while `goesOn()`. */
  readonly reconnects: boolean;
  readonly goesOn: () => boolean;
}

/** Asks until it is told to stop, or until its connection ends where it may open no other. */
export async function drive(load: Load, tally: Tally): Promise<void> {
  do {
    const kept = await KeptAlive.open(load.url).catch(String);
    if (typeof kept === 'string') return void tally.failures.push(`cannot connect: ${kept}`);
    await askOn(kept, load, tally);
    kept.close();
  } while (load.reconnects && load.goesOn());
}

async function askOn(kept: KeptAlive, load: Load, tally: Tally): Promise<void> {
  // The answer may have lain there unread for a while, so idle since this at most.
  let askedAt = performance.now();
  while (load.goesOn() && !kept.isClosed) {
    const isLate = performance.now() - askedAt > LATE_MILLIS;
    askedAt = performance.now();
    const answer = await kept.ask('POST', load.path, load.body).catch(String);
    if (typeof answer === 'string' && isLate && !kept.hasReceived) {
      tally.closedIdle += 1;
      return;
    }
    if (typeof answer === 'string' || answer.status !== 200) {
      tally.failures.push(typeof answer === 'string' ? answer : `${answer.status}: ${answer.body}`);
      return;
    }
    tally.answered += 1;
    if (answer.isLast) {
      tally.told += 1;
      return;
    }
    await sleep(load.pauseMillis());
  }
  if (kept.isClosed) tally.closedIdle += 1;
}
