// Lookups on one server: rows and the states they are judged by, in one round trip.
import {
  type FieldName,
  type PartialData,
  type RowSelection,
  type SelectedRows,
  type StoredData,
  UNREACHABLE,
} from '../online-store.ts';
import type { Reply } from './command-batch.ts';
import type { RedisConnection } from './redis-connection.ts';
import { isUnavailable } from './redis-failure.ts';
import type * as layout from './redis-layout.ts';
import { type KeyFrame, RespWriter } from './resp-writer.ts';
import { addReading, encodedFieldIds, readingFrame, readingSizeBytes, rowsOfReplies } from './row-commands.ts';
import { type Digests, StoredStates } from './stored-states.ts';

export class RedisReader {
  readonly #connection: RedisConnection;
  readonly #keys: layout.RedisKeys;
  readonly #stepCommands: number;
  readonly #fieldIds = encodedFieldIds();
  /** A bound request asks for the same list of fields again and again. */
  readonly #frames = new WeakMap<readonly FieldName[], KeyFrame>();
  readonly #states: StoredStates;

  /** `stepCommands`: of one read, in flight together. A larger one goes in steps, and others get their turn between. */
  constructor(connection: RedisConnection, keys: layout.RedisKeys, stepCommands: number) {
    this.#connection = connection;
    this.#keys = keys;
    this.#stepCommands = stepCommands;
    this.#states = new StoredStates(keys, (commands) => connection.send(commands));
  }

  read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    const count = selections.reduce((sum, { entities }) => sum + entities.length, 1);
    return count <= this.#stepCommands ? this.#readAtOnce(selections, views) : this.#readInSteps(selections, views);
  }

  /** One server is there or not: all rows of an answer, or none. */
  async readPartially(selections: readonly RowSelection[], views: readonly string[]): Promise<PartialData> {
    try {
      return { ...(await this.read(selections, views)), tokens: null };
    } catch (error) {
      const states = isUnavailable(error) ? this.#states.recent(views) : null;
      if (states === null) throw error;
      return { rows: selections.map(unreachable), states, tokens: null };
    }
  }

  /** All in one write; states last, so that none is older than a row. */
  async #readAtOnce(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    const { entityPrefix } = this.#keys;
    let sizeBytes = 64 + 48 * views.length;
    for (const selection of selections) sizeBytes += readingSizeBytes(entityPrefix, selection);
    const out = new RespWriter(sizeBytes);
    for (const selection of selections) addReading(out, selection, this.#frameOf(selection.fields));
    this.#states.addDigests(out, views);
    const replies = await this.#send(out);
    let from = 0;
    const rows = selections.map((selection) => {
      const selected = rowsOfReplies(selection, replies, from);
      from += selection.fields.length === 0 ? 0 : selection.entities.length;
      return selected;
    });
    const states = this.#states.ofDigests(views, (replies[from] ?? []) as Digests);
    return { rows, states: states instanceof Promise ? await states : states };
  }

  async #readInSteps(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    const { entityPrefix } = this.#keys;
    const rows: SelectedRows[] = [];
    for (const { entities, fields } of selections) {
      const selected: SelectedRows[number][] = [];
      for (let from = 0; from < entities.length; from += this.#stepCommands) {
        const step = { entities: entities.slice(from, from + this.#stepCommands), fields };
        const out = new RespWriter(readingSizeBytes(entityPrefix, step));
        addReading(out, step, this.#frameOf(fields));
        selected.push(...rowsOfReplies(step, await this.#send(out), 0));
      }
      rows.push(selected);
    }
    const [digests] = await this.#send(this.#states.addDigests(new RespWriter(), views));
    return { rows, states: await this.#states.ofDigests(views, (digests ?? []) as Digests) };
  }

  #frameOf(fields: readonly FieldName[]): KeyFrame {
    const known = this.#frames.get(fields);
    if (known !== undefined) return known;
    const frame = readingFrame(this.#keys.entityPrefix, fields, this.#fieldIds);
    this.#frames.set(fields, frame);
    return frame;
  }

  #send(out: RespWriter): Promise<Reply[]> {
    const commands = out.finish();
    return commands.count === 0 ? Promise.resolve([]) : this.#connection.send(commands);
  }
}

const unreachable = ({ entities, fields }: RowSelection): SelectedRows =>
  entities.map(() => fields.map(() => UNREACHABLE));
