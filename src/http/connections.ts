// The open connections of a server, so that its end can tell the busy ones from those that lie idle.
//
//   accepted ─▶ idle ──bytes of a request──▶ busy ──answer written──▶ idle
//
// HTTP/1.1 lets a server close an idle connection at any moment, and a client send a request at the same moment; then nobody
// can tell the client whether it was processed. So before it closes any, a server that ends says `Connection: close` with its
// answers, and closes only what has been idle for a while; and it looks at what has arrived before it calls a connection idle.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Connection {
  /** Requests whose answers are not written yet. */
  answers: number;
  /** The answer to the newest request. */
  newest: ServerResponse | null;
  idleSinceMillis: number;
  /** All that was read of it when it became idle; more is a part of the next request. */
  idleAtBytes: number;
}

export class Connections {
  readonly #open = new Map<Socket, Connection>();
  #areLast = false;
  #accepted = 0;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => this.#opened(socket));
    server.prependListener('request', (request, response) => this.#asked(request, response));
  }

  /** So far, also those that are closed by now. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Every answer whose head is not sent yet is from here on the last one of its connection, and says so. */
  sayClose(): void {
    this.#areLast = true;
    for (const { newest } of this.#open.values()) if (newest?.headersSent === false) sayLast(newest);
  }

  /** Connections with a request that has begun to arrive and is not answered yet. */
  busyCount(): number {
    return [...this.#open].filter(([socket, connection]) => isBusy(socket, connection)).length;
  }

  /** Call it only just after all that had arrived was read: a request that lies in the system's buffer would be lost. */
  closeIdle(forMillis: number): void {
    const idleBeforeMillis = performance.now() - forMillis;
    for (const [socket, connection] of this.#open)
      if (!isBusy(socket, connection) && connection.idleSinceMillis <= idleBeforeMillis) socket.destroy();
  }

  /** Cuts off what is busy too. */
  closeAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #opened(socket: Socket): void {
    this.#accepted += 1;
    this.#open.set(socket, { answers: 0, newest: null, idleSinceMillis: performance.now(), idleAtBytes: 0 });
    socket.on('close', () => this.#open.delete(socket));
  }

  #asked({ socket }: IncomingMessage, response: ServerResponse): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    connection.answers += 1;
    connection.newest = response;
    if (this.#areLast) sayLast(response);
    response.on('close', () => {
      connection.answers -= 1;
      connection.idleSinceMillis = performance.now();
      connection.idleAtBytes = socket.bytesRead;
    });
  }
}

const isBusy = (socket: Socket, { answers, idleAtBytes }: Connection): boolean =>
  answers > 0 || socket.bytesRead > idleAtBytes;

const sayLast = (response: ServerResponse): ServerResponse => response.setHeader('Connection', 'close');
