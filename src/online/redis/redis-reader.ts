// Lookups: rows and the states they are judged by, in one round trip.
import type { RowSelection, SelectedRows, StoredData } from '../online-store.ts';
import type { Reply } from './command-batch.ts';
import type { RedisConnection } from './redis-connection.ts';
import * as layout from './redis-layout.ts';
import { RespWriter } from './resp-writer.ts';
import { addReading, EncodedNames, readingSizeBytes, rowsOfReplies } from './row-commands.ts';
import { StateCache } from './state-cache.ts';

/** Of an HMGET. */
type Digests = readonly (Buffer | null)[];

export class RedisReader {
  readonly #connection: RedisConnection;
  readonly #keys: layout.RedisKeys;
  readonly #stepCommands: number;
  readonly #fieldIds = new EncodedNames(layout.fieldId);
  readonly #digestFields = new EncodedNames(layout.digestField);
  readonly #states = new StateCache();

  /** `stepCommands`: of one read, in flight together. A larger one goes in steps, and others get their turn between. */
  constructor(connection: RedisConnection, keys: layout.RedisKeys, stepCommands: number) {
    this.#connection = connection;
    this.#keys = keys;
    this.#stepCommands = stepCommands;
  }

  async read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    const count = selections.reduce((sum, { entities }) => sum + entities.length, 1);
    const { rows, digests } =
      count <= this.#stepCommands
        ? await this.#readAtOnce(selections, views)
        : await this.#readInSteps(selections, views);
    return { rows, states: await this.#statesOf(views, digests) };
  }

  /** All in one write; states last, so that none is older than a row. */
  async #readAtOnce(selections: readonly RowSelection[], views: readonly string[]) {
    const { entityPrefix } = this.#keys;
    let sizeBytes = 64 + 48 * views.length;
    for (const selection of selections) sizeBytes += readingSizeBytes(entityPrefix, selection);
    const out = new RespWriter(sizeBytes);
    for (const selection of selections) addReading(out, entityPrefix, selection, this.#fieldIds);
    this.#addDigests(out, views);
    const replies = await this.#send(out);
    let from = 0;
    const rows = selections.map((selection) => {
      const selected = rowsOfReplies(selection, replies, from);
      from += selection.fields.length === 0 ? 0 : selection.entities.length;
      return selected;
    });
    return { rows, digests: (replies[from] ?? []) as Digests };
  }

  async #readInSteps(selections: readonly RowSelection[], views: readonly string[]) {
    const { entityPrefix } = this.#keys;
    const rows: SelectedRows[] = [];
    for (const { entities, fields } of selections) {
      const selected: SelectedRows[number][] = [];
      for (let from = 0; from < entities.length; from += this.#stepCommands) {
        const step = { entities: entities.slice(from, from + this.#stepCommands), fields };
        const out = new RespWriter(readingSizeBytes(entityPrefix, step));
        addReading(out, entityPrefix, step, this.#fieldIds);
        selected.push(...rowsOfReplies(step, await this.#send(out), 0));
      }
      rows.push(selected);
    }
    const out = new RespWriter();
    this.#addDigests(out, views);
    const [digests] = await this.#send(out);
    return { rows, digests: (digests ?? []) as Digests };
  }

  #addDigests(out: RespWriter, views: readonly string[]): void {
    if (views.length === 0) return;
    out.command('HMGET', views.length + 1).argument(this.#keys.states);
    for (const view of views) out.encoded(this.#digestFields.get(view));
  }

  async #statesOf(views: readonly string[], digests: Digests): Promise<(Uint8Array | null)[]> {
    const states = views.map((view, index) => {
      const digest = digests[index] ?? null;
      return digest === null ? null : this.#states.get(view, digest);
    });
    const unknown = views.filter((_view, index) => (digests[index] ?? null) !== null && states[index] === null);
    if (unknown.length === 0) return states;
    const fetched = await this.#fetchStates(unknown);
    return views.map((view, index) => states[index] ?? fetched.get(view) ?? null);
  }

  async #fetchStates(views: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const out = new RespWriter().command('HMGET', views.length + 1).argument(this.#keys.states);
    for (const view of views) out.argument(layout.stateField(view));
    const [found] = (await this.#send(out)) as [Digests];
    const states = new Map<string, Uint8Array>();
    for (const [index, view] of views.entries()) {
      const state = found[index] ?? null;
      if (state !== null) states.set(view, this.#states.put(view, state));
    }
    return states;
  }

  async #send(out: RespWriter): Promise<Reply[]> {
    const commands = out.finish();
    return commands.count === 0 ? [] : this.#connection.send(commands);
  }
}
