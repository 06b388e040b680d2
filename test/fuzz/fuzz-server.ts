// `plumb serve` over a folder of its own, for the trials that go through HTTP.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Job } from '../../schemas/wire-types.ts';
import { ProjectServer } from '../faults/project-server.ts';
import { mustRun } from '../long/plumb-process.ts';
import { until } from '../waiting.ts';

export class FuzzServer implements AsyncDisposable {
  readonly folder: string;
  readonly #server: ProjectServer;

  private constructor(folder: string) {
    this.folder = folder;
    this.#server = new ProjectServer(folder, {});
  }

  /** Applied, and materialized up to the instant. */
  static async start(files: Readonly<Record<string, string>>, materializedUntil: string): Promise<FuzzServer> {
    const folder = await mkdtemp(join(tmpdir(), 'plumb-fuzz-http-'));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await mustRun(folder, ['apply']);
    await mustRun(folder, ['materialize', '--until', materializedUntil]);
    const server = new FuzzServer(folder);
    await server.#server.start();
    return server;
  }

  get url(): string {
    const { url } = this.#server;
    if (url === null) throw new Error(`the server is gone: ${this.#server.log.slice(-2000)}`);
    return url;
  }

  get log(): string {
    return this.#server.log;
  }

  async ended(job: Job): Promise<Job> {
    const get = async (): Promise<Job> => (await (await fetch(`${this.url}/v1/jobs/${job.id}`)).json()) as Job;
    return await until(get, ({ status }) => status !== 'queued' && status !== 'running');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
