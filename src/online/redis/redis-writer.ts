// Rows and states on their way into Redis: fenced, in order, again where the connection was lost.
import type { FieldName, RowWrite } from '../online-store.ts';
import type { Reply } from './command-batch.ts';
import { FieldExpiry } from './field-expiry.ts';
import { claimLayout } from './layout-claim.ts';
import { PatientSender } from './patient-sender.ts';
import type { RedisConnection } from './redis-connection.ts';
import { addRegistration, registerField } from './redis-fields.ts';
import type * as layout from './redis-layout.ts';
import { type ReplicaWait, requireReplicas } from './replica-wait.ts';
import { type Commands, RespWriter } from './resp-writer.ts';
import { addWriting, chunksOf, writingSizeBytes } from './row-commands.ts';
import { addStateRemoval, addStateWriting, isStateDone } from './state-commands.ts';

/** Scripts that are sent together, with one registration. One such group is packed while Redis works on another. */
const GROUP_CHUNKS = 8;

export class RedisWriter {
  readonly #sender: PatientSender;
  readonly #keys: layout.RedisKeys;
  readonly #where: string;
  readonly #groupChunks: number;
  readonly #groupsInFlight: number;
  readonly #wait: ReplicaWait | null;
  readonly #fieldExpiry = new FieldExpiry();

  /** `mostCommands`: in flight at once. `wait`: behind each state; null: for nobody. */
  constructor(connection: RedisConnection, keys: layout.RedisKeys, mostCommands: number, wait: ReplicaWait | null) {
    this.#sender = new PatientSender(connection);
    this.#keys = keys;
    this.#wait = wait;
    this.#where = connection.address.text;
    this.#groupChunks = Math.max(1, Math.min(GROUP_CHUNKS, (mostCommands >> 1) - 1));
    this.#groupsInFlight = mostCommands < 4 ? 1 : 2;
  }

  async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }> {
    if (writes.length === 0) return { written: 0 };
    const groups = groupsOf(chunksOf(writes), this.#groupChunks);
    let written = 0;
    let answered = 0;
    await this.#sender.send(viewOf(field), false, async (send, server) => {
      await claimLayout(send, this.#keys, this.#where);
      await registerField(send, this.#keys, field);
      const fieldsExpire = await this.#fieldExpiry.isKnownTo(server, send);
      this.#sender.tookRows(viewOf(field), server);
      const inFlight: Promise<Reply[]>[] = [];
      for (let next = answered; answered < groups.length; answered += 1) {
        for (; inFlight.length < this.#groupsInFlight && next < groups.length; next += 1) {
          const group = groups[next] as RowWrite[][];
          inFlight.push(handled(send(this.#writing(field, token, group, fieldsExpire))));
        }
        const replies = (await inFlight.shift()) ?? [];
        written += sumOf(replies.slice(0, groups[answered]?.length));
      }
    });
    return { written };
  }

  async writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean> {
    const commands = addStateWriting(new RespWriter(512 + 2 * next.length), this.#keys, view, expected, next).finish();
    return this.#sender.send(view, true, async (send, server, isRepeated) => {
      await claimLayout(send, this.#keys, this.#where);
      const [outcome] = await send(commands);
      if (!isStateDone(outcome, isRepeated)) return false;
      if (this.#wait !== null) await requireReplicas(send, this.#wait, this.#where);
      this.#sender.tookState(view, server);
      return true;
    });
  }

  async removeState(view: string, expected: Uint8Array): Promise<boolean> {
    const commands = addStateRemoval(new RespWriter(512 + expected.length), this.#keys, view, expected).finish();
    return this.#sender.send(view, true, async (send, _server, isRepeated) => {
      await claimLayout(send, this.#keys, this.#where);
      const [outcome] = await send(commands);
      return isStateDone(outcome, isRepeated);
    });
  }

  /** Registers the field once more, in case another process dropped it while these rows were on their way. */
  #writing(field: FieldName, token: bigint, group: readonly RowWrite[][], fieldsExpire: boolean): Commands {
    const { entityPrefix } = this.#keys;
    const out = new RespWriter(group.reduce((sum, chunk) => sum + writingSizeBytes(entityPrefix, chunk), 256));
    for (const chunk of group) addWriting(out, entityPrefix, field, token, chunk, fieldsExpire);
    return addRegistration(out, this.#keys, field).finish();
  }
}

/** Its failure is told when its turn comes. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

export const viewOf = (field: FieldName): string => field.split('@', 1)[0] as string;

export const sumOf = (replies: readonly Reply[]): number =>
  replies.reduce<number>((sum, reply) => sum + Number(reply), 0);

function groupsOf(chunks: readonly RowWrite[][], size: number): RowWrite[][][] {
  const groups: RowWrite[][][] = [];
  for (let from = 0; from < chunks.length; from += size) groups.push(chunks.slice(from, from + size));
  return groups;
}
