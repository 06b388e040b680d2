// The log of a project on one machine: one LMDB folder that several processes may open at once, one partition a source. A
// batch is one transaction, on disk before its promise resolves; batches that come together share a sync.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import { nowMicros } from '../../instant.ts';
import { type LmdbPlace, lmdbFailure } from '../../lmdb-failure.ts';
import { nextTurn } from '../../turns.ts';
import type {
  Appended,
  Batch,
  DeadLetter,
  EventLog,
  LoggedEvent,
  Partition,
  PartitionState,
  Position,
  ReadLimits,
  Removal,
  TrimRules,
} from '../event-log.ts';
import { appendBatch, knownId, prepared } from './append-batch.ts';
import * as layout from './log-layout.ts';
import { type LogDatabase, logPlace, openLog } from './open-log.ts';
import { deadLetterRemoval, eventRemoval, inSteps, type RemovalStep, type Removed } from './remove.ts';

/** Other processes append too: how often who waits looks. */
const LOOK_EVERY_MILLIS = 20;
const ONLY_PARTITION = 0;

export class EmbeddedEventLog implements EventLog {
  readonly #database: LogDatabase;
  readonly #place: LmdbPlace;
  readonly #epoch: string;
  readonly #now: () => bigint;

  private constructor(database: LogDatabase, place: LmdbPlace, epoch: string, now: () => bigint) {
    this.#database = database;
    this.#place = place;
    this.#epoch = epoch;
    this.#now = now;
  }

  /** Makes the folder where there is none. `now`: wall time in microseconds. */
  static async open(folder: string, project: string, now: () => bigint = nowMicros): Promise<EmbeddedEventLog> {
    const { database, owner } = await openLog(folder, project);
    return new EmbeddedEventLog(database, logPlace(folder), owner.epoch, now);
  }

  async append(source: string, batch: Batch): Promise<readonly Appended[]> {
    const events = prepared(batch, source);
    const letters = (batch.deadLetters ?? []).map(layout.encodeDeadLetter);
    return await this.#write((database) => {
      const now = this.#now();
      const appended = appendBatch(database, source, events, now);
      putDeadLetters(database, source, now, letters);
      return appended;
    });
  }

  async partitions(source: string): Promise<readonly PartitionState[]> {
    const { first, next, lastAppendMicros, sizeBytes } = this.#read((database) => stateOf(database, source));
    const state = { first, next, lastAppendMicros, sizeBytes };
    return [{ source, partition: ONLY_PARTITION, epoch: this.#epoch, ...state }];
  }

  async sources(): Promise<readonly string[]> {
    return this.#read((database) => [...database.getKeys(layout.SOURCE_RANGE)].map(layout.sourceOfKey));
  }

  async read(position: Position, limits: ReadLimits): Promise<readonly LoggedEvent[]> {
    return this.#read((database) => {
      this.#requireReach(position, stateOf(database, position.source));
      const events: LoggedEvent[] = [];
      let sizeBytes = 0;
      const start = layout.eventKey(position.source, position.offset);
      const { end } = layout.eventRange(position.source);
      for (const { key, value } of database.getRange({ start, end, limit: limits.events })) {
        sizeBytes += value.length;
        if (events.length > 0 && sizeBytes > limits.bytes) break;
        events.push(layout.decodeEvent(value, layout.offsetOfKey(key)));
      }
      return events;
    });
  }

  async waitForMore({ source, offset }: Position, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#read((database) => stateOf(database, source)).next <= offset)
      await sleep(LOOK_EVERY_MILLIS, undefined, { signal }).catch(() => {});
  }

  async find(source: string, id: string): Promise<Position | null> {
    return this.#read((database) => {
      const { next } = stateOf(database, source);
      const known = knownId(database, layout.idKey(source, id), { next, now: this.#now() });
      if (known === null) return null;
      return { source, partition: ONLY_PARTITION, epoch: this.#epoch, offset: known.offset };
    });
  }

  async trim({ source }: Partition, rules: TrimRules, how: Removal = {}) {
    return await this.#remove(eventRemoval(source, rules, how), how);
  }

  async deadLetters(source: string, sinceMicros: bigint, limit: number): Promise<readonly DeadLetter[]> {
    const range = { ...layout.deadLettersSince(source, sinceMicros), limit };
    return this.#read((database) =>
      [...database.getRange(range)].map(({ key, value }) => layout.decodeDeadLetter(key, value)),
    );
  }

  async removeDeadLetters(source: string, rejectedBeforeMicros: bigint, how: Removal = {}) {
    const range = layout.deadLettersBefore(source, rejectedBeforeMicros);
    const { removed } = await this.#remove(deadLetterRemoval(range, how), how);
    return { removed };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }

  async #remove(step: RemovalStep, how: Removal) {
    const look = async (one: (database: LogDatabase) => Removed): Promise<Removed> => {
      await nextTurn();
      return this.#read(one);
    };
    return await inSteps(step, how.dryRun === true ? look : (one) => this.#write(one), how);
  }

  #requireReach(position: Position, { first, next }: layout.SourceState): void {
    const { source, epoch, offset } = position;
    if (epoch === this.#epoch && offset >= first && offset <= next) return;
    const found =
      epoch === this.#epoch ? `has events ${first} to ${next - 1n} of it` : `was made anew (epoch ${this.#epoch})`;
    throw new PlumbError(
      'LOG_GAP',
      `Event ${offset} of source ${source}, epoch ${epoch}, is not in the log, which ${found}`,
      {
        details: { source, first: String(first), next: String(next) },
      },
    );
  }

  #read<T>(look: (database: LogDatabase) => T): T {
    try {
      return look(this.#database);
    } catch (error) {
      throw lmdbFailure(error, this.#place);
    }
  }

  /** All or nothing; on disk when it resolves. */
  async #write<T>(write: (database: LogDatabase) => T): Promise<T> {
    try {
      // Only a child is rolled back where it throws.
      return await this.#database.childTransaction(() => write(this.#database));
    } catch (error) {
      throw lmdbFailure(error, this.#place);
    }
  }
}

const stateOf = (database: LogDatabase, source: string): layout.SourceState =>
  layout.decodeState(database.get(layout.sourceKey(source)));

/** Several of one instant are told apart by a number that counts up. */
function putDeadLetters(database: LogDatabase, source: string, now: bigint, letters: readonly Buffer[]): void {
  if (letters.length === 0) return;
  // From the last of the instant down to the last that could be of the one before, which is not included.
  const ofInstant = { start: layout.lastDeadLetterKey(source, now), end: layout.lastDeadLetterKey(source, now - 1n) };
  const [last] = database.getKeys({ ...ofInstant, reverse: true, limit: 1 });
  const from = last === undefined ? 0 : layout.indexOfDeadLetterKey(last) + 1;
  for (const [i, letter] of letters.entries()) database.putSync(layout.deadLetterKey(source, now, from + i), letter);
}
