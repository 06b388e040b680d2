// Lookups in a Cluster: the rows of each server in one batch, all servers at once, and the states behind them. Rows and
// states lie on different servers, so only what is asked for after the last row came is sure to be no older than any row
// (docs/adr/0017-redis-cluster-and-sentinel.md).
import { PlumbError } from '../../../../schemas/errors.ts';
import {
  type PartialData,
  type RowSelection,
  type SelectedRows,
  type StoredData,
  UNREACHABLE,
} from '../../online-store.ts';
import { isUnavailable } from '../redis-failure.ts';
import { type RedisKeys, tokenOfRecord } from '../redis-layout.ts';
import { RespWriter } from '../resp-writer.ts';
import { addRowReading, encodedFieldIds, rowsOfRecords } from '../row-commands.ts';
import { type Digests, StoredStates } from '../stored-states.ts';
import { keySlotAfter } from './key-slot.ts';
import { type KeyedCommands, type Outcome, READING, type RoutedCommands } from './routed-commands.ts';
import { sendToKey } from './send-to-key.ts';

/** `[s][k]`: the records of an entity, or why they could not be read. */
type ReadRecords = readonly (readonly ((Buffer | null)[] | PlumbError)[])[];

export class ClusterReader {
  readonly #routed: RoutedCommands;
  readonly #prefix: Buffer;
  readonly #slotOf: (entity: Uint8Array) => number;
  readonly #fieldIds = encodedFieldIds();
  readonly #states: StoredStates;
  readonly #sendToStates: ReturnType<typeof sendToKey>;

  constructor(routed: RoutedCommands, keys: RedisKeys) {
    this.#routed = routed;
    this.#prefix = keys.entityPrefix;
    this.#slotOf = keySlotAfter(keys.entityPrefix);
    this.#sendToStates = sendToKey(routed, keys.states, READING);
    this.#states = new StoredStates(keys, this.#sendToStates);
  }

  async read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    const records = await this.#readRecords(selections);
    for (const ofSelection of records) for (const found of ofSelection) if (found instanceof PlumbError) throw found;
    const states = await this.#readStates(views);
    return { rows: rowsOf(selections, records), states };
  }

  async readPartially(selections: readonly RowSelection[], views: readonly string[]): Promise<PartialData> {
    const records = await this.#readRecords(selections);
    for (const ofSelection of records)
      for (const found of ofSelection) if (found instanceof PlumbError && !isUnavailable(found)) throw found;
    try {
      const states = await this.#readStates(views);
      return { rows: rowsOf(selections, records), states, tokens: null };
    } catch (error) {
      const states = isUnavailable(error) ? this.#states.recent(views) : null;
      if (states === null) throw error;
      const tokens = tokensOf(selections, records);
      return { rows: rowsOf(selections, records), states, tokens };
    }
  }

  async #readRecords(selections: readonly RowSelection[]): Promise<ReadRecords> {
    const asked = selections.filter(({ fields }) => fields.length > 0);
    const outcomes = await this.#outcomesOf(this.#reading(asked));
    let from = 0;
    return selections.map(({ entities, fields }) => {
      if (fields.length === 0) return entities.map(() => []);
      from += entities.length;
      return outcomes.slice(from - entities.length, from) as ((Buffer | null)[] | PlumbError)[];
    });
  }

  /** One HMGET per entity. */
  #reading(selections: readonly RowSelection[]): KeyedCommands {
    const entities = selections.flatMap((selection) => selection.entities);
    const fields = selections.flatMap((selection) => {
      const encoded = selection.fields.map((field) => this.#fieldIds.get(field));
      return selection.entities.map(() => encoded);
    });
    const slots = Uint16Array.from(entities, this.#slotOf);
    const [first = []] = fields;
    return {
      count: entities.length,
      sizeBytes: 96 + this.#prefix.length + 24 * first.length,
      slotOf: (index) => slots[index] as number,
      add: (out, index) =>
        addRowReading(out, this.#prefix, entities[index] as Uint8Array, fields[index] as readonly Buffer[]),
    };
  }

  /** Where not even the map of slots can be read, nothing can. */
  async #outcomesOf(commands: KeyedCommands): Promise<readonly Outcome[]> {
    if (commands.count === 0) return [];
    try {
      return (await this.#routed.run(commands, READING)).outcomes;
    } catch (error) {
      if (!(error instanceof PlumbError)) throw error;
      return new Array<Outcome>(commands.count).fill(error);
    }
  }

  async #readStates(views: readonly string[]): Promise<StoredData['states']> {
    if (views.length === 0) return [];
    const [digests] = await this.#sendToStates(this.#states.addDigests(new RespWriter(), views).finish());
    return this.#states.ofDigests(views, digests as unknown as Digests);
  }
}

/** The records become the rows. */
const rowsOf = (selections: readonly RowSelection[], records: ReadRecords): SelectedRows[] =>
  selections.map(({ fields }, selection) =>
    (records[selection] ?? []).map((found) => {
      if (found instanceof PlumbError) return fields.map(() => UNREACHABLE);
      rowsOfRecords(found);
      return found;
    }),
  );

const tokensOf = (selections: readonly RowSelection[], records: ReadRecords): NonNullable<PartialData['tokens']> =>
  selections.map(({ fields }, selection) =>
    (records[selection] ?? []).map((found) =>
      found instanceof PlumbError
        ? fields.map(() => null)
        : found.map((record) => (record === null ? null : tokenOfRecord(record))),
    ),
  );
