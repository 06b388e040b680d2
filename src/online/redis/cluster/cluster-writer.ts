// Rows and states on their way into a Cluster: one script per slot, one batch per server, fenced as on a single server.
import type { FieldName, RowWrite } from '../../online-store.ts';
import { claimLayout } from '../layout-claim.ts';
import { toldOrForgetful } from '../patient-sender.ts';
import { addRegistration, registerField } from '../redis-fields.ts';
import type { RedisKeys } from '../redis-layout.ts';
import { viewOf } from '../redis-writer.ts';
import { RespWriter } from '../resp-writer.ts';
import { addWriting, chunksOf, writingSizeBytes } from '../row-commands.ts';
import { addStateRemoval, addStateWriting, isStateDone } from '../state-commands.ts';
import type { ClusterNodes } from './cluster-nodes.ts';
import { keySlot, keySlotAfter } from './key-slot.ts';
import { type KeyedCommands, type Outcome, type RoutedCommands, requireReplies, WRITING } from './routed-commands.ts';
import type { RunWitness } from './run-witness.ts';
import { sendToKey } from './send-to-key.ts';

/** Which server a script goes to is not known when it is packed, so only whole keys expire by themselves in a Cluster. */
const FIELDS_EXPIRE = false;

/** Writes of one slot, as one script takes them. */
interface SlotChunk {
  readonly slot: number;
  readonly writes: readonly RowWrite[];
}

export class ClusterWriter {
  readonly #nodes: ClusterNodes;
  readonly #routed: RoutedCommands;
  readonly #keys: RedisKeys;
  readonly #slotOf: (entity: Uint8Array) => number;
  readonly #witness: RunWitness;

  constructor(nodes: ClusterNodes, routed: RoutedCommands, keys: RedisKeys, witness: RunWitness) {
    this.#nodes = nodes;
    this.#routed = routed;
    this.#keys = keys;
    this.#slotOf = keySlotAfter(keys.entityPrefix);
    this.#witness = witness;
  }

  async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }> {
    if (writes.length === 0) return { written: 0 };
    await claimLayout(this.#sendTo(this.#keys.meta), this.#keys, this.#nodes.text);
    await this.#witness.beforeRows(viewOf(field));
    const sendToFields = this.#sendTo(this.#keys.fields);
    await registerField(sendToFields, this.#keys, field);
    // Once more when they are there, in case another process dropped the field while they were on their way.
    const registerAgain = () => sendToFields(addRegistration(new RespWriter(), this.#keys, field).finish());
    try {
      let written = 0;
      for (const round of this.#roundsOf(writes)) written += await this.#writeRound(field, token, round);
      await registerAgain();
      return { written };
    } catch (error) {
      await registerAgain().catch(() => undefined);
      throw error;
    }
  }

  async writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean> {
    await claimLayout(this.#sendTo(this.#keys.meta), this.#keys, this.#nodes.text);
    const written = await this.#witness.beforeState(view);
    const { outcomes, isRepeated } = await this.#routed.run(
      {
        count: 1,
        sizeBytes: 512 + 2 * next.length,
        slotOf: () => keySlot(this.#keys.states),
        add: (out) => void addStateWriting(out, this.#keys, view, expected, next),
      },
      WRITING,
    );
    const [outcome] = requireWritten(outcomes);
    if (!isStateDone(outcome, isRepeated)) return false;
    await written.requireReplicas(view, keySlot(this.#keys.states));
    written.note();
    return true;
  }

  async removeState(view: string, expected: Uint8Array): Promise<boolean> {
    await claimLayout(this.#sendTo(this.#keys.meta), this.#keys, this.#nodes.text);
    const { outcomes, isRepeated } = await this.#routed.run(
      {
        count: 1,
        sizeBytes: 512 + expected.length,
        slotOf: () => keySlot(this.#keys.states),
        add: (out) => void addStateRemoval(out, this.#keys, view, expected),
      },
      WRITING,
    );
    return isStateDone(requireWritten(outcomes)[0], isRepeated);
  }

  #sendTo(key: Buffer) {
    return sendToKey(this.#routed, key, WRITING);
  }

  /** At most one script per slot in each: what is sent again cannot overtake what was to follow it. */
  #roundsOf(writes: readonly RowWrite[]): readonly (readonly SlotChunk[])[] {
    const bySlot = new Map<number, RowWrite[]>();
    for (const write of writes) {
      const slot = this.#slotOf(write.entity);
      const known = bySlot.get(slot);
      if (known === undefined) bySlot.set(slot, [write]);
      else known.push(write);
    }
    const rounds: SlotChunk[][] = [];
    for (const [slot, ofSlot] of bySlot) {
      for (const [index, chunk] of chunksOf(ofSlot).entries()) {
        rounds[index] ??= [];
        rounds[index].push({ slot, writes: chunk });
      }
    }
    return rounds;
  }

  async #writeRound(field: FieldName, token: bigint, round: readonly SlotChunk[]): Promise<number> {
    const { outcomes } = await this.#routed.run(this.#writing(field, token, round), WRITING);
    let written = 0;
    for (const [index, outcome] of outcomes.entries()) {
      const { slot, writes } = round[index] as SlotChunk;
      // While a slot is on its way, its keys are on both sides, and a script on several may wait for all of it.
      if (isSplit(outcome) && writes.length > 1) {
        for (const write of writes) written += await this.#writeRound(field, token, [{ slot, writes: [write] }]);
      } else written += Number(requireWritten([outcome])[0]);
    }
    return written;
  }

  #writing(field: FieldName, token: bigint, round: readonly SlotChunk[]): KeyedCommands {
    const { entityPrefix } = this.#keys;
    const sizeBytes = round.reduce((sum, { writes }) => sum + writingSizeBytes(entityPrefix, writes), 0);
    return {
      count: round.length,
      sizeBytes: Math.ceil(sizeBytes / round.length),
      slotOf: (index) => (round[index] as SlotChunk).slot,
      add: (out, index) =>
        addWriting(out, entityPrefix, field, token, (round[index] as SlotChunk).writes, FIELDS_EXPIRE),
    };
  }
}

const isSplit = (outcome: Outcome): boolean => outcome instanceof Error && /TRYAGAIN/.test(outcome.message);

function requireWritten(outcomes: readonly Outcome[]) {
  try {
    return requireReplies(outcomes);
  } catch (error) {
    throw toldOrForgetful(error);
  }
}
