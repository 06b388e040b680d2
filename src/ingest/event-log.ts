// Port: the log of the events of one project. What is in it is the truth; online state and lake are functions of it. An event's
// position is (source, partition, epoch, offset): offsets count up by one from 0, and a log that was made anew has another
// epoch. Text of events is opaque here.

export interface NewEvent {
  /** Of the source's eventIdColumn, as text; null where it has none. */
  readonly id: string | null;
  /** The id of the key that sent it; null where nobody asks for keys. */
  readonly by: string | null;
  readonly text: Uint8Array;
}

export interface NewDeadLetter {
  /** Which value, such as `price`; empty for the whole event. */
  readonly path: string;
  readonly reason: string;
  readonly by: string | null;
  /** The event as it came, or the start of it. */
  readonly text: string;
}

export interface Batch {
  readonly events: readonly NewEvent[];
  readonly deadLetters?: readonly NewDeadLetter[];
}

/** Where an event went, or the first one of its id did. */
export interface Appended {
  readonly offset: bigint;
  readonly appendMicros: bigint;
  /** `same`: its id is in the log with this text; `other`: with another one, and the first counts. */
  readonly duplicate: 'no' | 'same' | 'other';
}

export interface LoggedEvent extends NewEvent {
  readonly offset: bigint;
  /** Wall time, greater than that of any event before it in its partition. */
  readonly appendMicros: bigint;
}

export interface DeadLetter extends NewDeadLetter {
  readonly rejectedMicros: bigint;
}

export interface Partition {
  readonly source: string;
  readonly partition: number;
}

export interface Position extends Partition {
  readonly epoch: string;
  readonly offset: bigint;
}

export interface PartitionState extends Partition {
  readonly epoch: string;
  /** The least offset that is kept, and the one that the next event gets. */
  readonly first: bigint;
  readonly next: bigint;
  /** Of the last event that came; null before the first. */
  readonly lastAppendMicros: bigint | null;
  /** Of what is kept: ids and text. */
  readonly sizeBytes: number;
}

export interface ReadLimits {
  readonly events: number;
  /** Of text; at least one event is read. */
  readonly bytes: number;
}

export interface TrimRules {
  /** Events from here on are needed, whatever their age. */
  readonly neededFrom: bigint;
  /** Goes by age where it was appended before; null: no event does. */
  readonly appendedBeforeMicros: bigint | null;
  /** Goes by size, the oldest first, until no more than that is left; null: no event does. */
  readonly mostBytes: number | null;
}

/** How a removal is done. */
export interface Removal {
  /** Counts what would go, and removes nothing. */
  readonly dryRun?: boolean;
  /** No more than that go; absent: all may. */
  readonly most?: number;
}

export interface EventLog extends AsyncDisposable {
  /**
   * Durable when it resolves: all of the batch, or none of it. An event whose id the log knows is not appended again. Ids are
   * known for 24 hours and 10 million events of their source, whichever ends first. RESOURCE_EXHAUSTED where the disk is full.
   */
  append(source: string, batch: Batch): Promise<readonly Appended[]>;

  /** Those that exist; a source without events has its partitions, empty. */
  partitions(source: string): Promise<readonly PartitionState[]>;

  /** Sources with events, dead letters, or traces of some. */
  sources(): Promise<readonly string[]>;

  /** In order, as many as there are within the limits; none at the end. LOG_GAP where the position is not in the log any more. */
  read(position: Position, limits: ReadLimits): Promise<readonly LoggedEvent[]>;

  /** Resolves when there is an event at `position` or behind it, or `signal` is aborted. */
  waitForMore(position: Position, signal: AbortSignal): Promise<void>;

  /** null where the id is unknown, or known no more. */
  find(source: string, id: string): Promise<Position | null>;

  /** Removes the oldest events that may go. `sizeBytes`: of them, as the state of the partition counts. */
  trim(
    partition: Partition,
    rules: TrimRules,
    how?: Removal,
  ): Promise<{ readonly removed: number; readonly sizeBytes: number }>;

  /** Since an instant, in order, at most `limit`. */
  deadLetters(source: string, sinceMicros: bigint, limit: number): Promise<readonly DeadLetter[]>;

  removeDeadLetters(source: string, rejectedBeforeMicros: bigint, how?: Removal): Promise<{ readonly removed: number }>;
}

/** How long ids are known. */
export const ID_HORIZON = { micros: 86_400_000_000n, events: 10_000_000n } as const;
