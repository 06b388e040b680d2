// The port that a server listens on, alone or with others of its processes.
import { type AddressInfo, createServer, type Server } from 'node:net';
import { PlumbError } from '../../schemas/errors.ts';

export interface PortOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Other processes of this user may listen on it too; the system shares connections out among them (SO_REUSEPORT). */
  readonly sharesPort?: boolean;
}

/** CONFLICT where the port is taken. */
export function listening(server: Server, { host, port, sharesPort = false }: PortOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, host, port)));
    server.listen({ host, port, reusePort: sharesPort }, () => resolve(server.address() as AddressInfo));
  });
}

export const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;

export interface HeldPort extends AsyncDisposable {
  /** Never 0. */
  readonly number: number;
  readonly url: string;
  /** Once others listen on it. */
  release(): Promise<void>;
}

/**
 * For processes that are about to share it. CONFLICT where anybody listens on it: two servers that share ports would not notice
 * each other. A port that the system chose is held until it is released; nobody knows it and connects before that. One that is
 * given is not, because clients may know it; until it is disposed of it is claimed, so that another server which is started
 * before anybody listens is refused as well.
 */
export async function holdPort({ host, port }: Pick<PortOptions, 'host' | 'port'>): Promise<HeldPort> {
  await using opened = new AsyncDisposableStack();
  if (port !== 0) opened.use(await claimOf(host, port));
  const server = createServer();
  const address = await listening(server, { host, port, sharesPort: port === 0 });
  const release = () => closed(server);
  if (port === 0) opened.defer(release);
  else await release();
  const held = opened.move();
  return {
    ...{ number: address.port, url: urlOf(address), release: port === 0 ? release : async () => {} },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Of a socket without a file; Linux takes 107 bytes. */
const LONGEST_NAME = 100;

/** A name in the network namespace of the port that one process at a time can have, and that goes with the process: on Linux. */
async function claimOf(host: string, port: number): Promise<AsyncDisposable> {
  if (process.platform !== 'linux') return { [Symbol.asyncDispose]: async () => {} };
  const server = createServer((socket) => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, host, port)));
    server.listen(`\0plumb serve ${port} ${host}`.slice(0, LONGEST_NAME), resolve);
  });
  server.unref();
  return { [Symbol.asyncDispose]: () => closed(server) };
}

/** Also where it is closed already. */
const closed = (server: Server): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): PlumbError {
  if (cause.code === 'EADDRINUSE')
    return new PlumbError('CONFLICT', `port ${port} on ${host} is in use; choose another with --port`, { cause });
  if (cause.code === 'ENOTSUP') {
    const message = 'server.workers: this system does not share a port among processes; found more than 1, expected 1';
    return new PlumbError('NOT_SUPPORTED', message, { cause });
  }
  const message = `cannot listen on ${host} port ${port}: ${cause.code ?? cause.message}`;
  return new PlumbError('INVALID_CONFIG', message, { cause });
}
