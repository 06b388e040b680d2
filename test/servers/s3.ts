// A real S3 server for a test (versitygw on a folder): a free port of this machine, random credentials, one bucket, files in
// a temporary folder, stopped by its own pid. docs/adr/0016 says why this one.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from './free-port.ts';
import { s3ServerBinary } from './s3-binary.ts';

const STARTS_WITHIN_MILLIS = 60_000;
const STOPS_WITHIN_MILLIS = 5000;

export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Several servers may have the same, where one process talks to all of them. */
export const randomKeys = (): S3Keys => ({
  accessKeyId: `id${randomBytes(8).toString('hex')}`,
  secretAccessKey: randomBytes(16).toString('hex'),
});

export class S3Server implements AsyncDisposable {
  readonly port: number;
  readonly endpoint: string;
  readonly bucket = 'plumb-test';
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly #folder: string;
  #child: ChildProcess | null = null;

  private constructor(port: number, folder: string, { accessKeyId, secretAccessKey }: S3Keys) {
    this.accessKeyId = accessKeyId;
    this.secretAccessKey = secretAccessKey;
    this.port = port;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#folder = folder;
    process.on('exit', this.#killAtExit);
  }

  /** Resolves when it answers and has its bucket. */
  static async start(keys = randomKeys()): Promise<S3Server> {
    const server = new S3Server(await freePort(), await mkdtemp(join(tmpdir(), 'plumb-s3-')), keys);
    for (const folder of ['data', 'meta']) await mkdir(join(server.#folder, folder));
    await server.start();
    await server.createBucket(server.bucket);
    return server;
  }

  /** Also after a kill; it has kept its data. */
  async start(): Promise<void> {
    const program = await s3ServerBinary();
    const folders = ['posix', '--sidecar', join(this.#folder, 'meta'), join(this.#folder, 'data')];
    this.#child = spawn(program, ['--port', `127.0.0.1:${this.port}`, '--keep-alive', '--quiet', ...folders], {
      stdio: 'ignore',
      env: { ROOT_ACCESS_KEY: this.accessKeyId, ROOT_SECRET_KEY: this.secretAccessKey },
    });
    // A test that failed to stop it must still come to its end.
    this.#child.unref();
    await this.#answers();
  }

  /** Its objects lie in there, under their keys, as files whose times are those that it tells. */
  get bucketFolder(): string {
    return join(this.#folder, 'data', this.bucket);
  }

  /** What the SDK's chain reads. Tests of many processes put it into their environment. */
  get credentials(): Readonly<Record<string, string>> {
    return { AWS_ACCESS_KEY_ID: this.accessKeyId, AWS_SECRET_ACCESS_KEY: this.secretAccessKey };
  }

  client(endpoint = this.endpoint): S3Client {
    const { accessKeyId, secretAccessKey } = this;
    const credentials = { accessKeyId, secretAccessKey };
    return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  }

  async createBucket(name: string): Promise<void> {
    const client = this.client();
    await client.send(new CreateBucketCommand({ Bucket: name })).finally(() => client.destroy());
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killAtExit);
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
    const forced = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MILLIS);
    await ended;
    clearTimeout(forced);
  }

  async #answers(): Promise<void> {
    const deadline = Date.now() + STARTS_WITHIN_MILLIS;
    while (Date.now() < deadline) {
      if (this.#child?.exitCode !== null) throw new Error(`the S3 server ended with ${this.#child?.exitCode}`);
      const answer = await fetch(this.endpoint, { signal: AbortSignal.timeout(1000) }).catch(() => null);
      await answer?.arrayBuffer();
      if (answer !== null) return;
      await sleep(20);
    }
    throw new Error('the S3 server does not answer');
  }

  readonly #killAtExit = (): void => {
    this.#child?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  };
}
