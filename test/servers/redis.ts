// A real redis-server for a test: a free port of this machine, files in a temporary folder, stopped by its own pid.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { redisServerBinary } from './redis-binary.ts';

export interface RedisServerOptions {
  /** Keeps its data over a restart; without it, it starts empty each time. */
  readonly persistent?: boolean;
  readonly password?: string;
  /** More lines of its configuration, such as `--maxmemory 10mb`. */
  readonly extra?: readonly string[];
}

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #folder: string;
  readonly #options: RedisServerOptions;
  #child: ChildProcess | null = null;

  private constructor(port: number, folder: string, options: RedisServerOptions) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#options = options;
    process.on('exit', this.#killAtExit);
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await RedisServer.stopped(options);
    await server.start();
    return server;
  }

  /** Its port is chosen, and nobody answers there yet. */
  static async stopped(options: RedisServerOptions = {}): Promise<RedisServer> {
    return new RedisServer(await freePort(), await mkdtemp(join(tmpdir(), 'plumb-redis-')), options);
  }

  /** Resolves when it answers a PING. */
  async start(): Promise<void> {
    const { persistent = false, password, extra = [] } = this.#options;
    const settings = [
      ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''],
      ...['--appendonly', persistent ? 'yes' : 'no', '--appendfsync', 'always', '--daemonize', 'no'],
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...extra,
    ];
    this.#child = spawn(await redisServerBinary(), settings, { stdio: 'ignore' });
    // A test that failed to stop it must still come to its end.
    this.#child.unref();
    await this.#answers();
  }

  /** SIGKILL: nothing is written down on the way out. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stands still, connections stay open. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  unfreeze(): void {
    this.#child?.kill('SIGCONT');
  }

  /** One command, words apart by spaces, as text; the reply as it comes. */
  async command(text: string): Promise<string> {
    const { password } = this.#options;
    const socket = tcpConnect({ host: '127.0.0.1', port: this.port });
    try {
      await once(socket, 'connect');
      if (password !== undefined) await ask(socket, `AUTH ${password}`);
      return await ask(socket, text);
    } finally {
      socket.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killAtExit);
    this.unfreeze();
    await this.#end('SIGTERM');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill(signal);
    await ended;
  }

  async #answers(): Promise<void> {
    for (let tries = 0; tries < 500; tries += 1) {
      if (this.#child?.exitCode !== null) throw new Error(`redis-server ended with ${this.#child?.exitCode}`);
      if (/PONG/.test(await this.command('PING').catch(() => ''))) return;
      await sleep(20);
    }
    throw new Error('redis-server does not answer');
  }

  readonly #killAtExit = (): void => {
    this.#child?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  };
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(`${text}\r\n`);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  return reply.toString();
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

let shared: Promise<RedisServer> | null = null;

/** One for everything in this process that needs no server of its own; ends with the process. */
export const sharedRedis = (): Promise<RedisServer> => (shared ??= RedisServer.start());
