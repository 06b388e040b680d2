// A proxy before an S3 server that misbehaves as it is told, request by request.
import { once } from 'node:events';
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Credentials, signAgain } from './signature.ts';

export type Fault =
  /** Answers with this status and code instead of asking the server. */
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string }
  /** Cuts the connection before the server is asked. */
  | { readonly kind: 'reset' }
  /** Asks the server, waits until it has answered, and cuts the connection: the answer is lost. */
  | { readonly kind: 'lose-answer' }
  /** Cuts the connection in the middle of the body, or there. */
  | { readonly kind: 'truncate'; readonly afterBytes?: number }
  /** Changes one byte of the body. */
  | { readonly kind: 'corrupt' }
  | { readonly kind: 'delay'; readonly millis: number }
  /** Does not pass these headers on, and signs again. */
  | { readonly kind: 'strip'; readonly headers: readonly string[] };

export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** null: passed on as it is. */
export type Script = (request: SeenRequest) => Fault | null;

interface Target extends Credentials {
  readonly endpoint: string;
}

export class S3Proxy implements AsyncDisposable {
  readonly endpoint: string;
  readonly seen: SeenRequest[] = [];
  script: Script = () => null;
  readonly #server: Server;
  readonly #target: Target;

  private constructor(server: Server, target: Target) {
    this.#server = server;
    this.#target = target;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (incoming, answer) => void this.#handle(incoming, answer).catch(() => answer.destroy()));
  }

  static async start(target: Target): Promise<S3Proxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new S3Proxy(server, target);
  }

  /** `fault` for the next `times` requests that `wanted` takes; how often it was, later. */
  fail(
    fault: Fault,
    times = 1,
    wanted: (request: SeenRequest) => boolean = () => true,
  ): { readonly done: () => number } {
    let done = 0;
    this.script = (seen) => {
      if (done >= times || !wanted(seen)) return null;
      done += 1;
      return fault;
    };
    return { done: () => done };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const seen = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers };
    this.seen.push(seen);
    const fault = this.script(seen);
    if (fault?.kind === 'reset') return void incoming.socket.resetAndDestroy();
    if (fault?.kind === 'delay') await sleep(fault.millis);
    if (fault?.kind === 'refuse') return refuse(incoming, answer, fault.status, fault.code);
    await this.#forward(incoming, answer, fault);
  }

  async #forward(incoming: IncomingMessage, answer: ServerResponse, fault: Fault | null): Promise<void> {
    // The signature covers the host: it stays as the client wrote it.
    const headers = { ...incoming.headers };
    const { method = '', url: path = '' } = incoming;
    if (fault?.kind === 'strip') {
      for (const name of fault.headers) delete headers[name];
      headers.authorization = signAgain({ method, path, headers }, this.#target);
    }
    const { hostname, port } = new URL(this.#target.endpoint);
    const asked = request({ hostname, port, method, path, headers, agent: false });
    incoming.pipe(asked);
    const got = await responseOf(asked);
    if (fault?.kind === 'lose-answer') {
      await got.toArray();
      return void incoming.socket.resetAndDestroy();
    }
    answer.writeHead(got.statusCode ?? 502, got.headers);
    if (fault?.kind !== 'truncate' && fault?.kind !== 'corrupt') return void got.pipe(answer);
    const body = Buffer.concat(await got.toArray());
    const middle = Math.floor(body.length / 2);
    if (fault.kind === 'corrupt') {
      body.writeUInt8((body[middle] ?? 0) ^ 1, middle);
      return void answer.end(body);
    }
    answer.flushHeaders();
    answer.write(body.subarray(0, fault.afterBytes ?? middle), () => void incoming.socket.destroy());
  }
}

async function responseOf(asked: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

function refuse(incoming: IncomingMessage, answer: ServerResponse, status: number, code: string): void {
  incoming.resume();
  incoming.on('end', () => {
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
    answer.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) });
    answer.end(incoming.method === 'HEAD' ? undefined : body);
  });
}
