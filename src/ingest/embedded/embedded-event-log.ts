// The log of a project on one machine: one LMDB folder that several processes may open at once, one partition a source. A
// batch is one transaction, on disk before its promise resolves; batches that come together share a sync.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import { nowMicros } from '../../instant.ts';
import { type LmdbPlace, lmdbFailure } from '../../lmdb-failure.ts';
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
  TrimRules,
} from '../event-log.ts';
import { appendBatch, knownId, prepared } from './append-batch.ts';
import * as layout from './log-layout.ts';
import { type LogDatabase, logPlace, openLog } from './open-log.ts';

/** Other processes append too: how often who waits looks. */
const LOOK_EVERY_MILLIS = 20;
/** Of one transaction; others wait for it. */
const REMOVE_STEP = 5_000;
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

  async trim({ source }: Partition, rules: TrimRules): Promise<{ readonly removed: number }> {
    return await this.#inSteps((database) => trimStep(database, source, rules));
  }

  async deadLetters(source: string, sinceMicros: bigint, limit: number): Promise<readonly DeadLetter[]> {
    const range = { ...layout.deadLettersSince(source, sinceMicros), limit };
    return this.#read((database) =>
      [...database.getRange(range)].map(({ key, value }) => layout.decodeDeadLetter(key, value)),
    );
  }

  async removeDeadLetters(source: string, rejectedBeforeMicros: bigint): Promise<{ readonly removed: number }> {
    const range = { ...layout.deadLettersBefore(source, rejectedBeforeMicros), limit: REMOVE_STEP };
    return await this.#inSteps((database) => {
      const keys = [...database.getKeys(range)];
      for (const key of keys) database.removeSync(key);
      return keys.length;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }

  /** Until a step removes less than it may. */
  async #inSteps(step: (database: LogDatabase) => number): Promise<{ readonly removed: number }> {
    for (let removed = 0; ; ) {
      const count = await this.#write(step);
      removed += count;
      if (count < REMOVE_STEP) return { removed };
    }
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

/** Returns how many events it removed, at most REMOVE_STEP. */
function trimStep(database: LogDatabase, source: string, rules: TrimRules): number {
  const { appendedBeforeMicros, mostBytes, neededFrom } = rules;
  const state = stateOf(database, source);
  let { first, sizeBytes } = state;
  const range = { ...layout.eventRange(source), limit: REMOVE_STEP };
  for (const { key, value } of [...database.getRange(range)]) {
    const { offset, appendMicros } = layout.decodeEvent(value, layout.offsetOfKey(key));
    const isOld = appendedBeforeMicros !== null && appendMicros < appendedBeforeMicros;
    const isTooMuch = mostBytes !== null && sizeBytes > mostBytes;
    if (offset >= neededFrom || !(isOld || isTooMuch)) break;
    database.removeSync(key);
    sizeBytes -= value.length;
    first = offset + 1n;
  }
  const removed = Number(first - state.first);
  if (removed > 0) database.putSync(layout.sourceKey(source), layout.encodeState({ ...state, first, sizeBytes }));
  return removed;
}
