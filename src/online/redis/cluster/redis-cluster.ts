// The online store spread over a Redis Cluster. Masters only: replicas may be behind.
import type { FieldName, RowSelection, RowWrite, StoreExamination, StoreNodeHealth } from '../../online-store.ts';
import { refusedStreams } from '../../refused-streams.ts';
import type { StreamStore } from '../../stream-store.ts';
import type { Reply } from '../command-batch.ts';
import { type EntityPage, entityPage } from '../entity-pages.ts';
import { examinationOf, readInfo } from '../examine-redis.ts';
import { refuseForeignLayout } from '../layout-claim.ts';
import type { RedisTarget } from '../redis-address.ts';
import type { CommandsOfKeys, RedisBackend, RedisBackendOptions } from '../redis-backend.ts';
import type { Send } from '../redis-connection.ts';
import { isUnavailable } from '../redis-failure.ts';
import { addRemoval, entityKeys } from '../redis-fields.ts';
import type { RedisKeys } from '../redis-layout.ts';
import { replicaWait } from '../replica-wait.ts';
import { RespWriter } from '../resp-writer.ts';
import { notOnCluster } from '../stream-admission.ts';
import { type ClusterNode, ClusterNodes } from './cluster-nodes.ts';
import { ClusterReader } from './cluster-reader.ts';
import { ClusterWriter } from './cluster-writer.ts';
import { keySlot } from './key-slot.ts';
import { READING, RoutedCommands, requireReplies, WRITING } from './routed-commands.ts';
import { RunWitness } from './run-witness.ts';
import { sendToKey } from './send-to-key.ts';

/** Commands of one call that are in flight to one server, at most. */
const STEP_COMMANDS = 2048;

export class RedisCluster implements RedisBackend {
  readonly #keys: RedisKeys;
  readonly #nodes: ClusterNodes;
  readonly #routed: RoutedCommands;
  readonly #reader: ClusterReader;
  readonly #writer: ClusterWriter;
  /** Whether the layout is ours, as it was asked under the last map of slots. */
  #admission: { readonly fingerprint: string; readonly asked: Promise<void> } | null = null;

  constructor(seeds: readonly RedisTarget[], { keys, waitReplicas, ...options }: RedisBackendOptions) {
    this.#keys = keys;
    this.#nodes = new ClusterNodes(seeds, options);
    this.#routed = new RoutedCommands(this.#nodes, Math.min(STEP_COMMANDS, options.maxPendingCommands));
    const waitFor = (replicaCount: number) =>
      replicaWait(waitReplicas ?? Math.min(1, replicaCount), options.commandTimeoutMillis);
    this.#reader = new ClusterReader(this.#routed, keys);
    this.#writer = new ClusterWriter(this.#nodes, this.#routed, keys, new RunWitness(this.#nodes, waitFor));
  }

  async ping(): Promise<void> {
    await this.#admit();
    const { masters } = await this.#nodes.refresh();
    await Promise.all(masters.map(({ connection }) => connection.send(new RespWriter().command('PING', 0).finish())));
  }

  async examine(): Promise<StoreExamination> {
    await this.ping();
    const { masters, isComplete } = await this.#nodes.refresh();
    const servers = masters.map(async ({ connection }) => ({
      where: connection.address.text,
      info: await readInfo((commands) => connection.send(commands)),
    }));
    const alone = masters
      .filter(({ replicaCount }) => replicaCount === 0)
      .map(({ connection }) => connection.address.text);
    return examinationOf(await Promise.all(servers), [
      ...(isComplete ? [] : [INCOMPLETE]),
      ...(alone.length === 0 ? [] : [withoutReplica(alone)]),
    ]);
  }

  async read(selections: readonly RowSelection[], views: readonly string[]) {
    await this.#admit();
    return this.#reader.read(selections, views);
  }

  async readPartially(selections: readonly RowSelection[], views: readonly string[]) {
    await this.#admit();
    return this.#reader.readPartially(selections, views);
  }

  writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]) {
    return this.#writer.writeRows(field, token, writes);
  }

  writeState(view: string, expected: Uint8Array | null, next: Uint8Array) {
    return this.#writer.writeState(view, expected, next);
  }

  removeState(view: string, expected: Uint8Array) {
    return this.#writer.removeState(view, expected);
  }

  streams(): StreamStore {
    return STREAMS;
  }

  sendTo(key: Uint8Array): Send {
    const send = sendToKey(this.#routed, key, READING);
    return async (commands) => {
      await this.#admit();
      return send(commands);
    };
  }

  /** Keys that change servers meanwhile may be missed, so all is scanned again where slots have moved, or are about to. */
  async removeRows(field: Buffer): Promise<boolean> {
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const before = await this.#nodes.readAnew();
      const wasQuiet = !(await this.#isMoving(before.masters));
      for (const node of before.masters) await this.#removeFrom(node, field);
      const after = await this.#nodes.readAnew();
      if (wasQuiet && after.fingerprint === before.fingerprint && !(await this.#isMoving(after.masters))) return true;
    }
    return false;
  }

  /** Master by master, in the order of their ids. Keys that change servers meanwhile may be missed. */
  async entityPage(cursor: string | null, count: number): Promise<EntityPage> {
    await this.#admit();
    const { id, within } = placeOf(cursor);
    const masters = [...(await this.#nodes.refresh()).masters].sort((left, right) => (left.id < right.id ? -1 : 1));
    const [node, next] = masters.filter((master) => master.id >= id);
    if (node === undefined) return { keys: [], cursor: null };
    const send: Send = (commands) => node.connection.send(commands);
    const page = await entityPage(send, this.#keys, node.id === id ? within : null, count);
    if (page.cursor !== null) return { ...page, cursor: `${node.id}/${page.cursor}` };
    return { ...page, cursor: next === undefined ? null : `${next.id}/` };
  }

  /** While a slot is on its way, a command with several keys of it may be refused. */
  get keysPerCommand(): number {
    return 1;
  }

  async sendAll({ groups, sizeBytes, add }: CommandsOfKeys): Promise<readonly Reply[]> {
    const slotOf = (index: number): number => keySlot(groups[index]?.[0] as Buffer);
    const { outcomes } = await this.#routed.run({ count: groups.length, sizeBytes, slotOf, add }, WRITING);
    return requireReplies(outcomes);
  }

  health(): readonly StoreNodeHealth[] {
    return this.#nodes.health();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nodes[Symbol.asyncDispose]();
  }

  /** Whose keys these are is asked anew with each map of slots. Who cannot tell for now holds nobody up. */
  async #admit(): Promise<void> {
    const { fingerprint } = await this.#nodes.layout();
    if (this.#admission?.fingerprint !== fingerprint) {
      const send = sendToKey(this.#routed, this.#keys.meta, READING);
      this.#admission = { fingerprint, asked: refuseForeignLayout(send, this.#keys, this.#nodes.text) };
    }
    try {
      await this.#admission.asked;
    } catch (error) {
      this.#admission = null;
      if (!isUnavailable(error)) throw error;
    }
  }

  async #removeFrom({ connection }: ClusterNode, field: Buffer): Promise<void> {
    for await (const found of entityKeys((commands) => connection.send(commands), this.#keys)) {
      const { outcomes } = await this.#routed.run(
        {
          count: found.length,
          sizeBytes: 96,
          slotOf: (index) => keySlot(found[index] as Buffer),
          add: (out, index) => void addRemoval(out, found[index] as Buffer, field),
        },
        WRITING,
      );
      requireReplies(outcomes);
    }
  }

  /** Whether a slot is on its way from one server to another: CLUSTER NODES shows it in brackets, each server its own. */
  async #isMoving(masters: readonly ClusterNode[]): Promise<boolean> {
    const own = masters.map(async ({ connection }) => {
      const [text] = await connection.sendEach(new RespWriter().command('CLUSTER', 1).argument('NODES').finish());
      return /\bmyself\b[^\n]* \[/.test(String(text));
    });
    return (await Promise.all(own)).includes(true);
  }
}

/** `<id of a master>/<cursor of its SCAN>`; nothing behind the slash: from its start. */
function placeOf(cursor: string | null): { readonly id: string; readonly within: string | null } {
  const [id = '', within = ''] = (cursor ?? '').split('/');
  return { id, within: within === '' ? null : within };
}

const MOST_PASSES = 3;

const STREAMS = refusedStreams(notOnCluster);

const INCOMPLETE = {
  found: 'some slots belong to no server: their rows cannot be read',
  advice: 'look at CLUSTER INFO and bring the missing servers back',
};

const withoutReplica = (places: readonly string[]) => ({
  found: `${places.join(', ')} ${places.length > 1 ? 'have' : 'has'} no replica: rows that a crash takes before they are on disk are lost, and nobody notices`,
  advice: 'give each master a replica, or set appendonly yes and appendfsync always',
});
