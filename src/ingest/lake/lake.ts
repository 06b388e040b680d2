// The lake: all events of the log as Parquet, for whoever reads in batch. Whoever does has it catch up with the log first, so
// that batch reads files alone. Any number of processes may do so at once.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import type { Catalog, Source } from '../../catalog/catalog.ts';
import { requireSource } from '../../catalog/look-up.ts';
import { failpoint } from '../../failpoint.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { EventLog, LoggedEvent, Partition, PartitionState } from '../event-log.ts';
import {
  addLink,
  type LakeEnd,
  type LakePart,
  type LakeState,
  LIST_EVERY,
  lakeFolder,
  readLake,
} from './lake-links.ts';

/** Port: an engine that writes events as Parquet, their values as micro-batches read them. */
export interface LakeWriter {
  /** `path`: of the file that it makes. */
  write(source: Source, partition: number, events: readonly LoggedEvent[], path: string): Promise<void>;
}

export interface LakePorts {
  catalog(): Promise<Catalog>;
  readonly store: ObjectStore;
  /** null where there is no log on this machine: the lake is read as far as it goes. */
  log(): Promise<EventLog | null>;
  readonly writer: LakeWriter;
}

/** What a part is cut by: text of its events, and their number. */
const PART_BYTES = 64 * 1024 * 1024;
const PART_EVENTS = 1_000_000;
const READ_LIMITS = { events: 50_000, bytes: 8 * 1024 * 1024 } as const;

export interface LakePartition extends Partition {
  /** null: no event was ever in it. */
  readonly end: LakeEnd | null;
  readonly parts: readonly LakePart[];
}

export class Lake {
  readonly #ports: LakePorts;

  constructor(ports: LakePorts) {
    this.#ports = ports;
  }

  /** Writes all events that the log has now; returns what the lake then holds. LOG_GAP where events left the log before they were here. */
  async catchUp(source: string): Promise<readonly LakePartition[]> {
    const log = await this.#ports.log();
    if (log === null) return await this.read(source);
    const found: LakePartition[] = [];
    for (const goal of await log.partitions(source)) {
      const { end, parts } = await this.#catchUp(log, goal);
      found.push({ source, partition: goal.partition, end, parts });
    }
    return found;
  }

  /** As it is. */
  async read(source: string): Promise<readonly LakePartition[]> {
    const folder = `${lakeFolder({ source, partition: 0 }).replace(/0\/$/, '')}`;
    const keys = await this.#ports.store.list(folder);
    const partitions = new Set(keys.map(({ key }) => Number(key.slice(folder.length).split('/', 1)[0])));
    return await Promise.all(
      [...partitions]
        .sort((a, b) => a - b)
        .map(async (partition) => {
          const { end, parts } = await readLake(this.#ports.store, { source, partition });
          return { source, partition, end, parts };
        }),
    );
  }

  async #catchUp(log: EventLog, goal: PartitionState): Promise<LakeState> {
    const { store } = this.#ports;
    for (;;) {
      const state = await readLake(store, goal);
      const from = beginning(state, goal);
      if (from >= goal.next) return state;
      if ((state.number + 1) % LIST_EVERY === 0) {
        const { end, parts } = state;
        await addLink(store, goal, { number: state.number + 1, link: { kind: 'list', end: end as LakeEnd, parts } });
        continue;
      }
      const part = await this.#writePart(log, goal, from);
      failpoint('lake.part_written');
      if (await addLink(store, goal, { number: state.number + 1, link: { kind: 'append', part } })) continue;
      // Somebody else added these events, or some of them.
      await store.delete([part.key]);
    }
  }

  async #writePart(log: EventLog, goal: PartitionState, from: bigint): Promise<LakePart> {
    const { store, writer } = this.#ports;
    const { source, partition, epoch } = goal;
    const definition = requireSource(await this.#ports.catalog(), source);
    const events = await eventsFrom(log, goal, from);
    const [first, last] = [events[0] as LoggedEvent, events.at(-1) as LoggedEvent];
    const next = last.offset + 1n;
    const folder = await store.workFolder();
    try {
      const path = join(folder, 'part.parquet');
      await writer.write(definition, partition, events, path);
      const key = `${lakeFolder(goal)}parts/${epoch}-${from}-${next}-${randomBytes(4).toString('hex')}.parquet`;
      const about = { sizeBytes: (await stat(path)).size, sha256: await sha256Of(path) };
      await store.adopt([{ localPath: path, key }]);
      const times = { firstAppendMicros: first.appendMicros, lastAppendMicros: last.appendMicros };
      return { key, epoch, from, next, rows: events.length, ...about, ...times };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** A log that was made anew has offsets of its own: the lake goes on with its first event. */
function beginning({ end }: LakeState, { source, epoch, first, next }: PartitionState): bigint {
  const from = end?.epoch === epoch ? end.next : 0n;
  if (from >= first || first === next) return from < first ? next : from;
  const message = `events ${from} to ${first - 1n} of source ${source} left the log before they were in the lake: they are lost`;
  throw new PlumbError('LOG_GAP', message, { details: { source, first: String(first), next: String(from) } });
}

async function eventsFrom(log: EventLog, goal: PartitionState, from: bigint): Promise<readonly LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  let sizeBytes = 0;
  for (let offset = from; offset < goal.next && events.length < PART_EVENTS && sizeBytes < PART_BYTES; ) {
    const read = await log.read({ ...goal, offset }, READ_LIMITS);
    const wanted = read.filter((event) => event.offset < goal.next);
    for (const event of wanted) {
      events.push(event);
      sizeBytes += event.text.length;
    }
    const last = wanted.at(-1);
    if (last === undefined) break;
    offset = last.offset + 1n;
  }
  return events;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
