// A real master with replicas, watched by real Sentinels, all on loopback.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../waiting.ts';
import { RedisServer } from './redis.ts';

export const MASTER_NAME = 'mymaster';

export interface RedisSentinelOptions {
  readonly replicas?: number;
  readonly sentinels?: number;
  /** After which a silent server counts as down. */
  readonly downAfterMillis?: number;
  /** Of Redis, not of the Sentinels. */
  readonly password?: string;
  readonly sentinelPassword?: string;
}

export class RedisSentinels implements AsyncDisposable {
  /** The first master, then its replicas. */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];

  private constructor(servers: readonly RedisServer[], sentinels: readonly RedisServer[]) {
    this.servers = servers;
    this.sentinels = sentinels;
  }

  static async start(options: RedisSentinelOptions = {}): Promise<RedisSentinels> {
    const { replicas = 1, sentinels: sentinelCount = 3, password } = options;
    const shared = { ...(password === undefined ? {} : { password }) };
    const auth = password === undefined ? [] : ['--masterauth', password];
    const master = await RedisServer.stopped({ ...shared, extra: [...auth, ...QUICK_SYNC] });
    const follow = ['--replicaof', '127.0.0.1', String(master.port), ...auth, ...QUICK_SYNC];
    const servers = [master];
    for (let index = 0; index < replicas; index += 1)
      servers.push(await RedisServer.stopped({ ...shared, extra: follow }));
    const sentinels: RedisServer[] = [];
    for (let index = 0; index < sentinelCount; index += 1) sentinels.push(await sentinel(master.port, options));
    const all = new RedisSentinels(servers, sentinels);
    try {
      for (const server of [...servers, ...sentinels]) await server.start();
      await all.#isWell();
      return all;
    } catch (error) {
      await all[Symbol.asyncDispose]();
      throw error;
    }
  }

  get urls(): readonly string[] {
    return this.sentinels.map(({ url }) => url);
  }

  /** Whom the Sentinels that answer call the master. */
  async master(): Promise<RedisServer> {
    for (const server of this.sentinels) {
      const text = await server.command(`SENTINEL GET-MASTER-ADDR-BY-NAME ${MASTER_NAME}`).catch(() => '');
      const found = this.servers.find(({ port }) => text.includes(`\r\n${port}\r\n`));
      if (found !== undefined) return found;
    }
    throw new Error('no Sentinel names a master');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.sentinels, ...this.servers].map((server) => server[Symbol.asyncDispose]()));
  }

  /** Each Sentinel knows the others and the replicas, which is when a fail-over can succeed. */
  async #isWell(): Promise<void> {
    const [others, replicas] = [this.sentinels.length - 1, this.servers.length - 1];
    const shown = (text: string, key: string): number =>
      Number(new RegExp(`${key}\r\n\\$\\d+\r\n(\\d+)`).exec(text)?.[1]);
    await until(async () => {
      const texts = await Promise.all(
        this.sentinels.map((server) => server.command(`SENTINEL MASTER ${MASTER_NAME}`).catch(() => '')),
      );
      const know = (text: string): boolean =>
        shown(text, 'num-slaves') === replicas && shown(text, 'num-other-sentinels') === others;
      const following = await Promise.all(
        this.servers
          .slice(1)
          .map(async (server) => /master_link_status:up/.test(await server.command('INFO replication'))),
      );
      return texts.every(know) && following.every(Boolean);
    });
  }
}

const QUICK_SYNC = ['--repl-diskless-sync-delay', '0'];

/** Sentinels write down what they know in their own configuration file. */
function sentinel(masterPort: number, options: RedisSentinelOptions): Promise<RedisServer> {
  const { downAfterMillis = 1_000, password, sentinelPassword } = options;
  return RedisServer.stopped({
    ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
    argumentsAt: async (port, folder) => {
      const file = join(folder, 'sentinel.conf');
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        ...(sentinelPassword === undefined ? [] : [`requirepass ${sentinelPassword}`]),
        `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} 2`,
        `sentinel down-after-milliseconds ${MASTER_NAME} ${downAfterMillis}`,
        `sentinel failover-timeout ${MASTER_NAME} 5000`,
        ...(password === undefined ? [] : [`sentinel auth-pass ${MASTER_NAME} ${password}`]),
      ];
      if (!existsSync(file)) await writeFile(file, `${lines.join('\n')}\n`);
      return [file, '--sentinel'];
    },
  });
}
