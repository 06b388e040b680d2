// The masters of a Cluster: one connection to each, and the map from slots to them. The map is read from any server that
// answers, by one caller at a time, and never more often than every few hundred milliseconds.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../../schemas/errors.ts';
import type { StoreNodeHealth } from '../../online-store.ts';
import { addressLike, hostAndPort, type RedisTarget } from '../redis-address.ts';
import { type ConnectionLogger, RedisConnection, type RedisLimits, type ReplyOrRefusal } from '../redis-connection.ts';
import { RespWriter } from '../resp-writer.ts';
import { SLOTS } from './key-slot.ts';
import { fingerprintOf, isComplete, parseSlots, type SlotRange } from './slot-map.ts';

export interface ClusterNode {
  readonly id: string;
  readonly connection: RedisConnection;
  /** That may be promoted. */
  readonly replicaCount: number;
}

export interface ClusterLayout {
  /** Slot → who has it; null: nobody. */
  readonly owners: readonly (ClusterNode | null)[];
  /** Those that have slots, in the order of their first one. */
  readonly masters: readonly ClusterNode[];
  readonly fingerprint: string;
  readonly isComplete: boolean;
}

export interface ClusterNodesOptions extends RedisLimits {
  readonly logger: ConnectionLogger;
}

const LEAST_AGE_MILLIS = 100;

export class ClusterNodes implements AsyncDisposable {
  readonly #seeds: readonly RedisTarget[];
  readonly #options: ClusterNodesOptions;
  /** host:port → connection. */
  readonly #connections = new Map<string, RedisConnection>();
  #layout: ClusterLayout | null = null;
  /** Those of the layout. */
  #owners: (ClusterNode | null)[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<ClusterLayout> | null = null;
  #isClosed = false;

  constructor(seeds: readonly RedisTarget[], options: ClusterNodesOptions) {
    this.#seeds = seeds;
    this.#options = options;
  }

  /** For messages. */
  get text(): string {
    return `the Cluster of ${this.#seeds.map(({ address }) => address.text).join(', ')}`;
  }

  /** As it is known; read at the first time. */
  async layout(): Promise<ClusterLayout> {
    return this.#layout ?? (await this.refresh());
  }

  /** Read anew, unless that was just done. */
  refresh(): Promise<ClusterLayout> {
    const isFresh = this.#layout !== null && performance.now() - this.#readAt < LEAST_AGE_MILLIS;
    if (isFresh) return Promise.resolve(this.#layout as ClusterLayout);
    return this.readAnew();
  }

  /** Read after this call, whatever was read before. */
  readAnew(): Promise<ClusterLayout> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  /** `place`: host:port, as a redirection names it. null where it is none. */
  at(place: string): RedisConnection | null {
    const found = hostAndPort(place);
    const [seed] = this.#seeds;
    if (found === null || seed === undefined) return null;
    return this.#connectionTo(found.host === '' ? seed.address.host : found.host, found.port);
  }

  /** A redirection says more than the map: believed until the next one is read. */
  moved(slot: number, connection: RedisConnection): void {
    if (this.#layout === null) return;
    const known = this.#layout.masters.find((node) => node.connection === connection);
    this.#owners[slot] = known ?? { id: '', connection, replicaCount: 0 };
    this.refresh().catch(() => undefined);
  }

  health(): readonly StoreNodeHealth[] {
    return (this.#layout?.masters ?? []).map(({ connection }) => connection.health);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const connection of this.#connections.values()) await connection[Symbol.asyncDispose]();
  }

  async #read(): Promise<ClusterLayout> {
    let reason: unknown = null;
    for (const connection of this.#whomToAsk()) {
      try {
        const [reply] = await connection.sendEach(new RespWriter().command('CLUSTER', 1).argument('SLOTS').finish());
        const ranges = parseSlots(accepted(reply, connection));
        if (ranges === null) throw noSlots(connection.address.text);
        return this.#take(ranges, connection);
      } catch (error) {
        // What a server refuses says more than that another one is away.
        if (reason === null || !isAway(error)) reason = error;
      }
    }
    throw reason;
  }

  /** Who is connected first, in random order; then those that a person named. */
  #whomToAsk(): readonly RedisConnection[] {
    if (this.#isClosed) throw closedError(this.text);
    const connected = [...this.#connections.values()].filter(({ knownIncarnation }) => knownIncarnation !== null);
    const seeds = this.#seeds.map(({ address }) => this.#connectionTo(address.host, address.port));
    return [...new Set([...shuffled(connected), ...shuffled(seeds)])];
  }

  #take(ranges: readonly SlotRange[], asked: RedisConnection): ClusterLayout {
    const byPlace = new Map<RedisConnection, ClusterNode>();
    const owners = new Array<ClusterNode | null>(SLOTS).fill(null);
    const masters: ClusterNode[] = [];
    for (const { first, last, master, replicaCount } of ranges.toSorted((a, b) => a.first - b.first)) {
      const connection = this.#connectionTo(master.host ?? asked.address.host, master.port);
      const node = byPlace.get(connection) ?? { id: master.id, connection, replicaCount };
      if (!byPlace.has(connection)) masters.push(node);
      byPlace.set(connection, node);
      owners.fill(node, first, last + 1);
    }
    this.#owners = owners;
    this.#layout = { owners, masters, fingerprint: fingerprintOf(ranges), isComplete: isComplete(ranges) };
    this.#readAt = performance.now();
    this.#letGo(new Set(byPlace.keys()));
    return this.#layout;
  }

  #connectionTo(host: string, port: number): RedisConnection {
    const place = `${host}:${port}`;
    const known = this.#connections.get(place);
    if (known !== undefined) return known;
    const [seed] = this.#seeds as readonly [RedisTarget];
    const target = { ...seed, address: addressLike(seed.address, host, port) };
    // Which of our keys are there follows from the slots, so the layout is checked elsewhere.
    const connection = new RedisConnection({ ...this.#options, target, admit: async () => {} });
    this.#connections.set(place, connection);
    return connection;
  }

  /** Servers that have no slot any more, once what was sent to them has been answered; seeds stay. */
  #letGo(kept: ReadonlySet<RedisConnection>): void {
    const seeds = new Set(this.#seeds.map(({ address }) => `${address.host}:${address.port}`));
    for (const [place, connection] of this.#connections) {
      if (kept.has(connection) || seeds.has(place)) continue;
      this.#connections.delete(place);
      void sleep(2 * this.#options.commandTimeoutMillis, null, { ref: false }).then(() =>
        connection[Symbol.asyncDispose](),
      );
    }
  }
}

function accepted(reply: ReplyOrRefusal | undefined, connection: RedisConnection): unknown {
  if (!(reply instanceof Error)) return reply;
  if (!/cluster support disabled/i.test(reply.message)) throw connection.failure(reply);
  const what = 'is no part of a Redis Cluster: name one server in online.url, or Sentinels with online.sentinel';
  throw new PlumbError('INVALID_CONFIG', `Redis at ${connection.address.text} ${what}`, {
    privateDetails: { store: connection.address.text },
    publicMessage: `The online store ${what}`,
  });
}

const noSlots = (where: string): PlumbError =>
  new PlumbError(
    'STORE_UNAVAILABLE',
    `Redis at ${where} knows of no server that has slots: the Cluster is not made yet`,
    {
      privateDetails: { store: where },
      publicMessage: 'The online store does not answer: try again',
    },
  );

export const closedError = (where: string): PlumbError =>
  new PlumbError('STORE_UNAVAILABLE', `The online store, Redis at ${where}, does not answer: the store was closed`, {
    details: { closed: true },
    privateDetails: { store: where },
    publicMessage: 'The online store does not answer: try again',
  });

const isAway = (error: unknown): boolean => error instanceof PlumbError && error.code === 'STORE_UNAVAILABLE';

function shuffled<T>(items: readonly T[]): T[] {
  const left = [...items];
  for (let index = left.length - 1; index > 0; index -= 1) {
    const other = Math.floor(Math.random() * (index + 1));
    [left[index], left[other]] = [left[other] as T, left[index] as T];
  }
  return left;
}
