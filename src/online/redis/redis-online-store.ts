// The online store in Redis, shared by any number of servers and materializers: on one server, on the master that
// Sentinels name, or spread over a Cluster. Reads fail at once while Redis is away. Writes are idempotent and fenced, so
// they wait for a short while and are sent again; but never to a server that restarted in the middle of a run, or to a
// replica that took its place: what was told before may be gone.
import { PlumbError } from '../../../schemas/errors.ts';
import type { FieldName, JudgeOf, OnlineStore, RowSelection, RowWrite, SweepStep } from '../online-store.ts';
import type { StreamStore } from '../stream-store.ts';
import { RedisCluster } from './cluster/redis-cluster.ts';
import { type RedisAddress, type RedisTarget, redisAddress, redisAddresses } from './redis-address.ts';
import type { RedisBackend } from './redis-backend.ts';
import type { ConnectionLogger, RedisLimits } from './redis-connection.ts';
import { dropField, listFields } from './redis-fields.ts';
import { type RedisKeys, redisKeys } from './redis-layout.ts';
import { removeSentinels } from './redis-stream-store.ts';
import { sweep } from './redis-sweep.ts';
import { readTlsFiles, type TlsFiles } from './redis-tls.ts';
import { RespWriter } from './resp-writer.ts';
import { SingleServer } from './single-server.ts';
import { addStateListing, statesOfListing } from './state-commands.ts';

export interface RedisOnlineStoreOptions extends RedisLimits {
  /** redis://[user:password@]host:6379[/database] or rediss://: one server. Exactly one of `url` and `urls` is given. */
  readonly url?: string | undefined;
  /** Servers of a Cluster, of which one must answer; with `sentinel` they are Sentinels. */
  readonly urls?: readonly string[] | undefined;
  readonly sentinel?: SentinelOptions | undefined;
  readonly tls?: TlsFiles | undefined;
  readonly waitReplicas?: number | undefined;
  readonly project: string;
  readonly logger: ConnectionLogger;
}

interface SentinelOptions {
  /** What the Sentinels call it. */
  readonly master: string;
  /** Of the Sentinels themselves; those of Redis are in `urls`. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

export class RedisOnlineStore implements OnlineStore {
  readonly #keys: RedisKeys;
  readonly #backend: RedisBackend;

  /** Connects when it is first used. INVALID_CONFIG for addresses that are none. */
  constructor(options: RedisOnlineStoreOptions) {
    this.#keys = redisKeys(options.project);
    this.#backend = backendOf(options, this.#keys);
  }

  ping() {
    return this.#backend.ping();
  }

  examine() {
    return this.#backend.examine();
  }

  read(selections: readonly RowSelection[], views: readonly string[]) {
    return this.#backend.read(selections, views);
  }

  readPartially(selections: readonly RowSelection[], views: readonly string[]) {
    return this.#backend.readPartially(selections, views);
  }

  writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]) {
    return this.#backend.writeRows(field, token, writes);
  }

  streams(): StreamStore {
    return this.#backend.streams();
  }

  dropField(field: FieldName): Promise<void> {
    const send = this.#backend.sendTo(this.#keys.fields);
    return dropField(send, this.#keys, field, async (id) => {
      await removeSentinels(this.#backend.sendTo(this.#keys.sentinels), this.#keys, field);
      return this.#backend.removeRows(id);
    });
  }

  listFields(): Promise<readonly FieldName[]> {
    return listFields(this.#backend.sendTo(this.#keys.fields), this.#keys);
  }

  async sweep(judgeOf: JudgeOf, cursor: string | null, limit: number, isDry: boolean): Promise<SweepStep> {
    return await sweep(this.#backend, await this.listFields(), judgeOf, cursor, limit, isDry);
  }

  async listStates(): Promise<ReadonlyMap<string, Uint8Array>> {
    const [flat] = await this.#backend.sendTo(this.#keys.states)(
      addStateListing(new RespWriter(), this.#keys).finish(),
    );
    return statesOfListing(flat);
  }

  writeState(view: string, expected: Uint8Array | null, next: Uint8Array) {
    return this.#backend.writeState(view, expected, next);
  }

  health() {
    return this.#backend.health();
  }

  removeState(view: string, expected: Uint8Array): Promise<boolean> {
    return this.#backend.removeState(view, expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#backend[Symbol.asyncDispose]();
  }
}

function backendOf(options: RedisOnlineStoreOptions, keys: RedisKeys): RedisBackend {
  const { url, urls, sentinel, tls, waitReplicas = null, ...limits } = options;
  const files = tls === undefined ? {} : readTlsFiles(tls);
  const shared = { ...limits, keys, waitReplicas };
  const targetOf = (address: RedisAddress): RedisTarget => ({
    address,
    tls: address.tls ? files : null,
    sentinel: null,
  });
  if (url !== undefined) return new SingleServer(targetOf(redisAddress(url)), shared);
  const addresses = redisAddresses(urls ?? [], sentinel !== undefined);
  if (sentinel === undefined) return new RedisCluster(addresses.map(withoutDatabase).map(targetOf), shared);
  return new SingleServer(sentinelTarget(targetOf(addresses[0]), addresses, sentinel), shared);
}

function sentinelTarget(
  target: RedisTarget,
  servers: readonly RedisAddress[],
  { master, username, password }: SentinelOptions,
): RedisTarget {
  const text = `${master} of the Sentinels ${servers.map(({ host, port }) => `${host}:${port}`).join(', ')}`;
  return {
    ...target,
    address: { ...target.address, text },
    sentinel: { master, servers, username: username ?? null, password: password ?? null },
  };
}

function withoutDatabase(address: RedisAddress): RedisAddress {
  if (address.database === 0) return address;
  throw new PlumbError(
    'INVALID_CONFIG',
    `online.urls: found database ${address.database}, expected none: a Redis Cluster has only one`,
  );
}
