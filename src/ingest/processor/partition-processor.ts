// Takes the events of one partition to its targets, each event once: every target goes on from its own sentinel, so targets may
// be at different events, and whatever stopped a processor, the next one goes on where the entries are.
import { randomBytes } from 'node:crypto';
import { PlumbError } from '../../../schemas/errors.ts';
import { decodeSentinel, encodeSentinel, type Sentinel } from '../../online/sentinel.ts';
import type { StreamStore } from '../../online/stream-store.ts';
import type { EventLog, LoggedEvent, Partition, ReadLimits } from '../event-log.ts';
import { applyRows, sentinelKeyOf, type TargetRow } from './apply-rows.ts';
import type { StreamTarget } from './stream-target.ts';

/** Port: an engine that computes what events mean for targets. */
export interface EventCompute {
  /** `[i]`: the rows of `targets[i]`, in the order of the events; none of an event that its `where` leaves out. */
  rowsOf(events: readonly LoggedEvent[], targets: readonly StreamTarget[]): Promise<readonly (readonly TargetRow[])[]>;
}

export interface ProcessorPorts {
  readonly log: EventLog;
  readonly store: StreamStore;
  readonly compute: EventCompute;
}

interface Owned {
  readonly target: StreamTarget;
  sentinel: Sentinel;
}

export class PartitionProcessor {
  readonly #ports: ProcessorPorts;
  readonly #partition: Partition;
  readonly #owned: readonly Owned[];

  private constructor(ports: ProcessorPorts, partition: Partition, owned: readonly Owned[]) {
    this.#ports = ports;
    this.#partition = partition;
    this.#owned = owned;
  }

  /**
   * Begins the entries of new targets at `at`: their first event is the one of that offset. A target that has a sentinel is
   * left as it is.
   */
  static async begin(
    { store }: Pick<ProcessorPorts, 'store'>,
    partition: Partition,
    targets: readonly StreamTarget[],
    { epoch, next: offset, appendMicros = null }: Pick<Sentinel, 'epoch' | 'next'> & Partial<Sentinel>,
  ): Promise<void> {
    const next = encodeSentinel({ epoch, next: offset, appendMicros, owner: '' });
    for (const target of targets) {
      const key = sentinelKeyOf({ store, partition, target });
      await store.commit({ sentinels: [{ key, expected: null, next }], writes: [] });
    }
  }

  /**
   * Takes the targets over: what a former owner has in hand changes nothing any more. CONFLICT where a target has no sentinel:
   * its entries were lost, or never begun, and must be filled anew; LOG_GAP where it was filled from a log that is not there any
   * more. Nothing is taken over then.
   */
  static async takeOver(
    ports: ProcessorPorts,
    partition: Partition,
    targets: readonly StreamTarget[],
  ): Promise<PartitionProcessor> {
    const owner = randomBytes(8).toString('hex');
    const owned: Owned[] = [];
    const found = await present(ports, partition, targets);
    await requireEpoch(ports.log, partition, found);
    for (const { target, sentinel } of found)
      owned.push({ target, sentinel: await claimed(ports, partition, target, { sentinel, owner }) });
    return new PartitionProcessor(ports, partition, owned);
  }

  /** How far each target is. */
  get sentinels(): readonly Sentinel[] {
    return this.#owned.map(({ sentinel }) => sentinel);
  }

  /**
   * CONFLICT where a target is not where this processor left it: another one took over, or the store lost the last of what it
   * had. A step would find that out, too, but only with the next event.
   */
  async requireOwned(): Promise<void> {
    const keys = this.#owned.map(({ target }) => this.#keyOf(target));
    const { sentinels } = await this.#ports.store.read({ entities: [], fields: [] }, keys);
    for (const [i, { target, sentinel }] of this.#owned.entries()) {
      const found = sentinels[i] ?? null;
      if (found === null || Buffer.compare(found, encodeSentinel(sentinel)) !== 0) throw takenOver(target);
    }
  }

  #keyOf(target: StreamTarget) {
    return sentinelKeyOf({ store: this.#ports.store, partition: this.#partition, target });
  }

  /**
   * Applies the next events, as many as there are within the limits, to all targets that have not got them. Returns them;
   * CONFLICT where another processor has taken over, LOG_GAP where the log has not got them any more.
   */
  async step(limits: ReadLimits): Promise<readonly LoggedEvent[]> {
    const [first] = this.#owned;
    if (first === undefined) return [];
    const behind = this.#owned.reduce((least, one) => (one.sentinel.next < least.sentinel.next ? one : least), first);
    const { epoch, next } = behind.sentinel;
    const events = await this.#ports.log.read({ ...this.#partition, epoch, offset: next }, limits);
    const last = events.at(-1);
    if (last === undefined) return [];
    const reach = { next: last.offset + 1n, appendMicros: last.appendMicros };
    const rows = await this.#ports.compute.rowsOf(
      events,
      this.#owned.map(({ target }) => target),
    );
    for (const [i, one] of this.#owned.entries()) {
      if (one.sentinel.next >= reach.next) continue;
      const missing = (rows[i] ?? []).filter(({ offset }) => offset >= one.sentinel.next);
      const applying = { ...this.#ports, partition: this.#partition, target: one.target };
      const reached = await applyRows(applying, one.sentinel, missing, reach);
      if (reached === null) throw takenOver(one.target);
      one.sentinel = reached;
    }
    return events;
  }
}

interface Present {
  readonly target: StreamTarget;
  readonly sentinel: Sentinel;
}

async function present(
  { store }: Pick<ProcessorPorts, 'store'>,
  partition: Partition,
  targets: readonly StreamTarget[],
): Promise<readonly Present[]> {
  const keys = targets.map((target) => sentinelKeyOf({ store, partition, target }));
  const { sentinels } = await store.read({ entities: [], fields: [] }, keys);
  return targets.map((target, i) => {
    const bytes = sentinels[i] ?? null;
    if (bytes === null) {
      const message = `${target.field} has no sentinel of source ${partition.source}: its entries must be filled anew`;
      throw new PlumbError('CONFLICT', message, { details: { field: target.field } });
    }
    return { target, sentinel: decodeSentinel(bytes) };
  });
}

/** Offsets of another log are those of other events. */
async function requireEpoch(log: EventLog, partition: Partition, found: readonly Present[]): Promise<void> {
  const states = await log.partitions(partition.source);
  const epoch = states.find((state) => state.partition === partition.partition)?.epoch;
  const other = found.find(({ sentinel }) => sentinel.epoch !== epoch);
  if (other === undefined) return;
  const { field } = other.target;
  const message = `${field} was filled from another log of source ${partition.source} (epoch ${other.sentinel.epoch}, now ${epoch}): it must be filled anew`;
  throw new PlumbError('LOG_GAP', message, { details: { field, source: partition.source } });
}

interface Claim {
  readonly sentinel: Sentinel;
  readonly owner: string;
}

/** Of several that claim at once, one is the last: the others are told with their next step. */
async function claimed(
  { store }: Pick<ProcessorPorts, 'store'>,
  partition: Partition,
  target: StreamTarget,
  { sentinel, owner }: Claim,
): Promise<Sentinel> {
  const key = sentinelKeyOf({ store, partition, target });
  for (let found = sentinel; ; ) {
    const mine = { ...found, owner };
    const write = { key, expected: encodeSentinel(found), next: encodeSentinel(mine) };
    if (await store.commit({ sentinels: [write], writes: [] })) return mine;
    const [again] = await present({ store }, partition, [target]);
    found = (again as Present).sentinel;
  }
}

const takenOver = ({ field }: StreamTarget): PlumbError =>
  new PlumbError('CONFLICT', `the entries of ${field} are not where this processor left them`, { details: { field } });
