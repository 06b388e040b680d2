// A real redis-server for a test: a free port of this machine, files in a temporary folder, stopped by its own pid.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type Socket, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../waiting.ts';
import { freePort } from './free-port.ts';
import { redisServerBinary } from './redis-binary.ts';

export interface RedisServerOptions {
  /** Keeps its data over a restart; without it, it starts empty each time. */
  readonly persistent?: boolean;
  readonly password?: string;
  /** More lines of its configuration, such as `--maxmemory 10mb`. */
  readonly extra?: readonly string[];
  /** Default: `redisServerBinary()`. */
  readonly binary?: string;
  /** In place of all other settings: its arguments, once it has a port and a folder. */
  readonly argumentsAt?: (port: number, folder: string) => Promise<readonly string[]>;
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
    RUNNING.add(this);
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
    const { argumentsAt, binary } = this.#options;
    const settings = argumentsAt === undefined ? this.#settings() : await argumentsAt(this.port, this.#folder);
    this.#child = spawn(binary ?? (await redisServerBinary()), settings, { stdio: 'ignore' });
    // A test that failed to stop it must still come to its end.
    this.#child.unref();
    await this.#answers();
  }

  #settings(): readonly string[] {
    const { persistent = false, password, extra = [] } = this.#options;
    return [
      ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''],
      ...['--appendonly', persistent ? 'yes' : 'no', '--appendfsync', 'always', '--daemonize', 'no'],
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...extra,
    ];
  }

  /** SIGKILL: nothing is written down on the way out. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** What it has on disk, as it is now: given back by `putBack`, which is called while it is down. */
  async keep(): Promise<void> {
    await rm(this.#keptFolder, { recursive: true, force: true });
    await cp(this.#folder, this.#keptFolder, { recursive: true });
  }

  async putBack(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await cp(this.#keptFolder, this.#folder, { recursive: true });
  }

  /** As a new one; called while it is down. */
  async empty(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder);
  }

  get #keptFolder(): string {
    return `${this.#folder}-kept`;
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
    RUNNING.delete(this);
    this.unfreeze();
    await this.#end('SIGTERM');
    for (const folder of [this.#folder, this.#keptFolder]) await rm(folder, { recursive: true, force: true });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill(signal);
    const cutOff = setTimeout(() => child.kill('SIGKILL'), STOP_MILLIS);
    await ended;
    clearTimeout(cutOff);
  }

  async #answers(): Promise<void> {
    await until(async () => {
      if (this.#child?.exitCode !== null) throw new Error(`redis-server ended with ${this.#child?.exitCode}`);
      return /PONG/.test(await this.command('PING').catch(() => ''));
    });
  }

  killAtExit(): void {
    this.#child?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const RUNNING = new Set<RedisServer>();
process.on('exit', () => {
  for (const server of RUNNING) server.killAtExit();
});

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(`${text}\r\n`);
  const closed = once(socket, 'close').then(() => Promise.reject(new Error(`closed without an answer to ${text}`)));
  closed.catch(() => undefined);
  const [reply] = (await Promise.race([once(socket, 'data'), closed])) as [Buffer];
  return reply.toString();
}

/** One that stands still ends late, or not at all. */
const STOP_MILLIS = 5_000;

let shared: Promise<RedisServer> | null = null;

/** One for everything in this process that needs no server of its own; ends with the process. */
export const sharedRedis = (): Promise<RedisServer> => (shared ??= RedisServer.start());
