// A real Redis Cluster on loopback: masters with their replicas, each a redis-server of its own. Made by its commands and
// not by redis-cli, which takes some seconds more.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { until } from '../waiting.ts';
import { freePort } from './free-port.ts';
import { RedisServer } from './redis.ts';

export interface RedisClusterOptions {
  readonly masters?: number;
  readonly replicasEach?: number;
  /** After which a silent server counts as failed. */
  readonly nodeTimeoutMillis?: number;
  readonly persistent?: boolean;
  readonly extra?: readonly string[];
}

const SLOTS = 16_384;

export class RedisCluster implements AsyncDisposable {
  /** Masters at first, then their replicas: `nodes[m + r * masters]` is the r-th replica of master m. */
  readonly nodes: readonly RedisServer[];
  readonly masterCount: number;

  private constructor(nodes: readonly RedisServer[], masterCount: number) {
    this.nodes = nodes;
    this.masterCount = masterCount;
  }

  static async start(options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const { masters = 3, replicasEach = 1 } = options;
    const nodes: RedisServer[] = [];
    for (let index = 0; index < masters * (1 + replicasEach); index += 1) nodes.push(await clusterServer(options));
    const cluster = new RedisCluster(nodes, masters);
    try {
      await Promise.all(nodes.map((node) => node.start()));
      await cluster.#join();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  get urls(): readonly string[] {
    return this.nodes.map(({ url }) => url);
  }

  /** A server that has no slot yet, known to the others. */
  async addMaster(options: RedisClusterOptions = {}): Promise<RedisServer> {
    const node = await clusterServer(options);
    await node.start();
    await meet(this.nodes[0] as RedisServer, node);
    const id = await idOf(node);
    await until(async () => (await this.#answers('CLUSTER NODES')).every((text) => text.includes(id)));
    return node;
  }

  /** The server that has the slot, as those that answer see it. */
  async masterOf(slot: number): Promise<RedisServer> {
    for (const node of this.nodes) {
      const text = await node.command('CLUSTER NODES').catch(() => '');
      for (const line of text.split('\n')) {
        const [, place = '', flags = '', , , , , , ...ranges] = line.trim().split(' ');
        if (!flags.includes('master') || flags.includes('fail') || !ranges.some((range) => holds(range, slot)))
          continue;
        const found = this.nodes.find(({ port }) => place.startsWith(`127.0.0.1:${port}@`));
        if (found !== undefined) return found;
      }
    }
    throw new Error(`no server has slot ${slot}`);
  }

  /** Key by key, as an operator's tool does it; `pauseMillis` in the middle of each slot. */
  async moveSlots(slots: Iterable<number>, from: RedisServer, to: RedisServer, pauseMillis = 0): Promise<void> {
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    const raw = new Redis(from.port);
    try {
      for (const slot of slots) {
        await ok(to, `CLUSTER SETSLOT ${slot} IMPORTING ${fromId}`);
        await ok(from, `CLUSTER SETSLOT ${slot} MIGRATING ${toId}`);
        for (;;) {
          const keys = (await raw.callBuffer('CLUSTER', 'GETKEYSINSLOT', slot, 10)) as Buffer[];
          if (keys.length === 0) break;
          await raw.callBuffer('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys);
          if (pauseMillis > 0) await sleep(pauseMillis);
        }
        await ok(to, `CLUSTER SETSLOT ${slot} NODE ${toId}`);
        await ok(from, `CLUSTER SETSLOT ${slot} NODE ${toId}`);
      }
    } finally {
      raw.disconnect();
    }
  }

  /** Resolves when every server that answers says that the cluster is well, with all slots served. */
  async isWell(): Promise<void> {
    await until(async () => {
      const answers = (await this.#answers('CLUSTER INFO')).filter((text) => text !== '');
      const isWell = (text: string): boolean => /cluster_state:ok/.test(text) && /slots_ok:16384/.test(text);
      return answers.length > 0 && answers.every(isWell);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }

  #answers(command: string): Promise<string[]> {
    return Promise.all(this.nodes.map((node) => node.command(command).catch(() => '')));
  }

  async #join(): Promise<void> {
    const masters = this.nodes.slice(0, this.masterCount);
    for (const [index, node] of this.nodes.entries()) await ok(node, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`);
    for (const [index, master] of masters.entries()) {
      const [first, next] = [index, index + 1].map((at) => Math.floor((at * SLOTS) / masters.length)) as [
        number,
        number,
      ];
      await ok(master, `CLUSTER ADDSLOTSRANGE ${first} ${next - 1}`);
    }
    // Each with each: gossip would take a second for every step.
    for (const [index, node] of this.nodes.entries())
      for (const other of this.nodes.slice(index + 1)) await meet(node, other);
    const ids = await Promise.all(this.nodes.map(idOf));
    const know = async (): Promise<boolean> =>
      (await this.#answers('CLUSTER NODES')).every(
        (text) => !text.includes('handshake') && ids.every((id) => text.includes(id)),
      );
    await until(know);
    for (const [index, node] of this.nodes.entries()) {
      if (index >= masters.length)
        await ok(node, `CLUSTER REPLICATE ${await idOf(masters[index % masters.length] as RedisServer)}`);
    }
    await this.isWell();
    const follow = async (): Promise<boolean> => {
      const answers = await Promise.all(
        this.nodes.slice(masters.length).map((node) => node.command('INFO replication')),
      );
      return answers.every((text) => text.includes('master_link_status:up'));
    };
    await until(follow);
    const shown = this.nodes.length - masters.length;
    const see = async (): Promise<boolean> =>
      (await this.#answers('CLUSTER SLOTS')).every((text) => this.#replicasIn(text) >= shown);
    await until(see);
  }

  #replicasIn(text: string): number {
    return this.nodes.slice(this.masterCount).filter(({ port }) => text.includes(`:${port}\r\n`)).length;
  }
}

/** A port of its own for the bus: that of Redis, ten thousand above, may be none. */
async function clusterServer({
  nodeTimeoutMillis = 2_000,
  persistent = false,
  extra = [],
}: RedisClusterOptions): Promise<RedisServer> {
  const busPort = await freePort();
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-port': String(busPort),
    'cluster-node-timeout': String(nodeTimeoutMillis),
    'cluster-require-full-coverage': 'no',
    'cluster-replica-validity-factor': '0',
    // A master that gave its last slot away stays one.
    'cluster-allow-replica-migration': 'no',
    'repl-diskless-sync-delay': '0',
  };
  const lines = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
  const node = await RedisServer.stopped({ persistent, extra: [...lines, ...extra] });
  BUS_PORTS.set(node, busPort);
  return node;
}

const BUS_PORTS = new WeakMap<RedisServer, number>();

const meet = (node: RedisServer, other: RedisServer): Promise<void> =>
  ok(node, `CLUSTER MEET 127.0.0.1 ${other.port} ${BUS_PORTS.get(other)}`);

export const idOf = async (node: RedisServer): Promise<string> =>
  /\r\n(\w{40})/.exec(await node.command('CLUSTER MYID'))?.[1] ?? '';

function holds(range: string, slot: number): boolean {
  const [first, last = first] = range.split('-').map(Number);
  return first !== undefined && last !== undefined && slot >= first && slot <= last;
}

async function ok(node: RedisServer, command: string): Promise<void> {
  const reply = await node.command(command);
  if (!reply.startsWith('+OK')) throw new Error(`${command}: ${reply.trim()}`);
}

let shared: Promise<RedisCluster> | null = null;

/** One for everything in this process that needs none of its own; ends with the process. */
export const sharedCluster = (): Promise<RedisCluster> => (shared ??= RedisCluster.start());
