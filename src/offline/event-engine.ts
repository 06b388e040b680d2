// Port: an engine that says what events mean for views, by the expressions that batch reads files with.
import type { Value } from '../../schemas/types.ts';
import type { FAILED } from '../aggregate/partial.ts';
import type { Source } from '../catalog/catalog.ts';
import type { RowsNode } from '../plan/nodes.ts';
import type { SourceFile } from '../storage/source-files.ts';

export interface EngineEvent {
  readonly offset: bigint;
  readonly appendMicros: bigint;
  /** JSON of its columns that are not null. */
  readonly text: string;
}

/** A row of an event that passes the view's `where`, or on which that failed: its cells are null then. */
export interface EventRow {
  readonly offset: bigint;
  /** Its append time. */
  readonly createdMicros: bigint;
  readonly eventMicros: bigint;
  readonly keys: readonly Value[];
  readonly failed: boolean;
  /** One for each input of the plan. */
  readonly cells: readonly (Value | typeof FAILED)[];
}

/** A row of history, without a position, or of the lake. */
export interface StoredEventRow extends Omit<EventRow, 'offset' | 'createdMicros'> {
  readonly createdMicros: bigint | null;
  readonly position: { readonly partition: number; readonly offset: bigint } | null;
}

export interface StoredEvents {
  readonly plan: RowsNode;
  /** Of history and lake. */
  readonly files: readonly SourceFile[];
  /** URI of a folder for what does not fit into memory. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface WrittenEvent extends Omit<EngineEvent, 'text'> {
  readonly text: Uint8Array;
}

/** Port: an engine that writes events as Parquet, their values as micro-batches read them. */
export interface StoredEventWriter {
  /** `path`: of the file that it makes. */
  write(source: Source, partition: number, events: readonly WrittenEvent[], path: string): Promise<void>;
}

/** Port: an engine that reads all that a stream has in files. */
export interface StoredEventEngine {
  /** All rows, those of one key one after the other; some at a time. */
  rowsByKey(events: StoredEvents): AsyncIterable<readonly StoredEventRow[]>;
}

export interface EventEngine extends AsyncDisposable {
  /** `[i]`: the rows of `plans[i]`, in the order of the events. All plans scan the source that the events are of. */
  rowsOf(events: readonly EngineEvent[], plans: readonly RowsNode[]): Promise<readonly (readonly EventRow[])[]>;
}
