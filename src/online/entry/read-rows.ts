// The rows of an entry as they are read: newest first, by column, in room that is used again for the next entry, so that a lookup
// makes no object per row. Event times are kept as numbers, and become instants where they are asked for.
import type { AggregateRow, Position } from '../../aggregate/algebra.ts';
import { FAILED, type Input } from '../../aggregate/partial.ts';
import type { EntryRow } from './entry.ts';

/** Numbers of microseconds up to it are added up exactly. */
const MOST_AGO = 2 ** 52;

/** An instant that rows are parted at, for all entries of one frontier. */
export interface Edge {
  /** null: before all. */
  readonly micros: bigint | null;
  readonly frontierMicros: bigint;
  /** How long the instant is before the frontier; rounded where that is more than numbers are exact for. */
  readonly agoMicros: number;
}

export const edgeAt = (micros: bigint | null, frontierMicros: bigint): Edge => ({
  ...{ micros, frontierMicros },
  agoMicros: micros === null ? Number.POSITIVE_INFINITY : Number(frontierMicros - micros),
});

interface PlacedRow {
  readonly agoMicros: number | bigint;
  /** From its event to its creation; null: nobody knows. */
  readonly afterMicros: bigint | null;
  readonly position: Position | null;
  readonly failed: boolean;
}

export class ReadRows {
  count = 0;
  /** Whether an expression failed on one of them. */
  hasFailures = false;
  /** `[cell][row]` */
  readonly cells: readonly Input[][];
  readonly created: (bigint | null)[] = [];
  readonly positions: (Position | null)[] = [];
  readonly failed: boolean[] = [];
  /** Event times: `#bases[row] - #agos[row]`. */
  readonly #bases: bigint[] = [];
  readonly #agos: number[] = [];
  #base = 0n;
  #ago = 0;

  constructor(cellCount: number) {
    this.cells = Array.from({ length: cellCount }, () => []);
  }

  /** Starts over. */
  begin(frontierMicros: bigint): void {
    this.count = 0;
    this.hasFailures = false;
    this.#base = frontierMicros;
    this.#ago = 0;
  }

  /** Of the row that is added next. */
  setCell(cell: number, input: Input): void {
    (this.cells[cell] as Input[])[this.count] = input;
    if (input === FAILED) this.hasFailures = true;
  }

  /** After its cells. `agoMicros`: before the row before, which is newer; of the first one before the frontier. */
  add(agoMicros: number | bigint): void {
    const row = this.count;
    if (typeof agoMicros === 'number' && Math.abs(this.#ago + agoMicros) <= MOST_AGO) this.#ago += agoMicros;
    else {
      this.#base -= BigInt(this.#ago) + BigInt(agoMicros);
      this.#ago = 0;
    }
    this.#bases[row] = this.#base;
    this.#agos[row] = this.#ago;
    this.created[row] = null;
    this.positions[row] = null;
    this.failed[row] = false;
    this.count += 1;
  }

  addPlaced({ agoMicros, afterMicros, position, failed }: PlacedRow): void {
    const row = this.count;
    this.add(agoMicros);
    if (afterMicros !== null) this.created[row] = this.eventMicros(row) + afterMicros;
    this.positions[row] = position;
    this.failed[row] = failed;
    if (failed) this.hasFailures = true;
  }

  eventMicros(row: number): bigint {
    return (this.#bases[row] as bigint) - BigInt(this.#agos[row] as number);
  }

  /** How many rows, all of them at the beginning, are at the edge or after it. */
  countFrom(edge: Edge): number {
    let [low, high] = [0, this.count];
    if (edge.micros === null || high === 0 || !this.#isBefore(high - 1, edge)) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isBefore(middle, edge)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** As numbers where the row is measured from the frontier. */
  #isBefore(row: number, { micros, frontierMicros, agoMicros }: Edge): boolean {
    if (this.#bases[row] === frontierMicros && Math.abs(agoMicros) <= MOST_AGO)
      return (this.#agos[row] as number) > agoMicros;
    return micros !== null && this.eventMicros(row) < micros;
  }

  /** Leaves out the rows that were created after the instant, or nobody knows when. */
  keepKnown(atMicros: bigint): void {
    let kept = 0;
    for (let row = 0; row < this.count; row += 1) {
      const created = this.created[row] as bigint | null;
      if (created === null || created > atMicros) continue;
      for (const column of [this.#bases, this.#agos, this.created, this.positions, this.failed, ...this.cells])
        column[kept] = column[row] as never;
      kept += 1;
    }
    this.count = kept;
  }

  toRows(): EntryRow[] {
    return Array.from({ length: this.count }, (_, row) => ({
      eventMicros: this.eventMicros(row),
      createdMicros: this.created[row] as bigint | null,
      position: this.positions[row] as Position | null,
      by: null,
      failed: this.failed[row] as boolean,
      cells: this.cellsOf(row),
    }));
  }

  cellsOf(row: number): readonly Input[] {
    return this.cells.map((column) => column[row] ?? null);
  }
}

/** One of the rows after the other, as aggregates see them. */
export class RowCursor implements AggregateRow {
  readonly #rows: ReadRows;
  row = 0;
  by: string | null = null;

  constructor(rows: ReadRows) {
    this.#rows = rows;
  }

  get eventMicros(): bigint {
    return this.#rows.eventMicros(this.row);
  }

  get createdMicros(): bigint | null {
    return this.#rows.created[this.row] as bigint | null;
  }

  get position(): Position | null {
    return this.#rows.positions[this.row] as Position | null;
  }

  get failed(): boolean {
    return this.#rows.failed[this.row] as boolean;
  }

  get cells(): readonly Input[] {
    return this.#rows.cellsOf(this.row);
  }
}
