// Keeps all views that streams feed up to date: looks at what is defined and what is served, fills what is missing, follows the
// logs, and looks again when something changed. One process of a project does it, under a lease.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import { backoffMillis } from '../../backoff.ts';
import type { LoggedEvent } from '../../ingest/event-log.ts';
import { PartitionProcessor } from '../../ingest/processor/partition-processor.ts';
import type { EventEngine } from '../../offline/event-engine.ts';
import { type Leases, STREAM_LEASE } from '../../storage/leases/lease.ts';
import { whileHeld } from '../../storage/leases/while-held.ts';
import type { Fill } from './fill.ts';
import { type Look, type LookPorts, look, type ToFill } from './look.ts';
import { type TailedSource, type TailPorts, tailSource } from './tail-source.ts';
import { startTrimming, type TrimmingPorts } from './trimming.ts';
import { switchTo } from './view-stream-states.ts';
import { streamCompute } from './view-streams.ts';

export interface StreamServicePorts extends LookPorts, Pick<TrimmingPorts, 'trimLogs'> {
  readonly leases: Leases;
  /** One for each source. */
  openEngine(): Promise<EventEngine>;
  readonly fill: Fill;
  /** Runs beside, as long as this process has the lease. */
  keepLake(signal: AbortSignal): Promise<void>;
  /** Lookups see these events from now on. */
  applied(source: string, events: readonly LoggedEvent[]): void;
  readonly logger: LookPorts['logger'] & {
    info(context: object, message: string): void;
    error(context: object, message: string): void;
  };
}

const LOOK_EVERY_MILLIS = 500;
const PAUSES = { firstMillis: 100, longestMillis: 5000 } as const;

/** Until `signal` aborts; what fails is told, and tried again. */
export async function serveStreams(ports: StreamServicePorts, signal: AbortSignal): Promise<void> {
  const { leases, logger } = ports;
  let told = '';
  for (let failures = 0; !signal.aborted; ) {
    try {
      await using lease = await leases.acquire(STREAM_LEASE, { purpose: 'applying events', signal });
      logger.info({}, 'events are applied by this process');
      failures = 0;
      await whileHeld([lease], signal, async (held) => {
        await using service = new StreamService(ports, () => {
          failures = 0;
          told = '';
        });
        const ended = new AbortController();
        const beside = ports.keepLake(AbortSignal.any([held.signal, ended.signal]));
        await using _trimming = startTrimming(ports);
        try {
          await service.run(held.signal);
        } finally {
          ended.abort();
          await beside;
        }
      });
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const message = error instanceof Error ? error.message : String(error);
      // Each reason once, until there is another.
      if (message !== told) tell(ports, error, message);
      told = message;
      await sleep(backoffMillis(failures, PAUSES), undefined, { signal }).catch(() => {});
    }
  }
}

function tell({ logger }: StreamServicePorts, error: unknown, message: string): void {
  if (!(error instanceof PlumbError)) logger.error({ err: error }, 'internal error');
  else if (error.code === 'NOT_APPLIED') logger.info({ code: error.code }, `no events are applied: ${message}`);
  else logger.warn({ code: error.code }, `events are not applied: ${message}`);
}

interface Found extends Look {
  /** By view: the state that was there before it was looked at. */
  readonly before: readonly string[];
}

const textOf = (state: Uint8Array | null | undefined): string =>
  state == null ? '' : Buffer.from(state).toString('base64');

class StreamService implements AsyncDisposable {
  readonly #ports: StreamServicePorts;
  readonly #onWell: () => void;
  readonly #engines = new Map<string, Promise<EventEngine>>();
  /** By field. */
  readonly #fills = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  #filled = Promise.withResolvers<void>();

  constructor(ports: StreamServicePorts, onWell: () => void) {
    this.#ports = ports;
    this.#onWell = onWell;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#filled = Promise.withResolvers();
      // Read before: what changes while it is looked at is looked at again.
      const states = await this.#ports.online.listStates();
      const found = await look(this.#ports);
      this.#followFills(found, signal);
      await this.#follow({ ...found, before: found.views.map((view) => textOf(states.get(view))) }, signal);
      this.#onWell();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { stop } of this.#fills.values()) stop.abort();
    await Promise.all([...this.#fills.values()].map(({ done }) => done));
    for (const engine of this.#engines.values()) await (await engine.catch(() => null))?.[Symbol.asyncDispose]();
  }

  /** Until what was found is not so any more. */
  async #follow(found: Found, signal: AbortSignal): Promise<void> {
    const { log } = this.#ports;
    const round = new AbortController();
    const ended = AbortSignal.any([signal, round.signal]);
    const tails = found.sources.map(async ({ source, generations }) => {
      const partitions = await log.partitions(source);
      await tailSource(
        await this.#tailPorts(source),
        { source, partitions, generations } satisfies TailedSource,
        ended,
      );
    });
    const tasks = [...tails, this.#changed(found, ended), this.#filled.promise];
    try {
      await Promise.race(tasks);
    } finally {
      round.abort();
      await Promise.allSettled(tails);
    }
    for (const tail of tails) await tail;
  }

  /** Resolves when definitions, or what the store says of a view, are others than those that were found. */
  async #changed({ catalog, views, before }: Found, signal: AbortSignal): Promise<void> {
    const { online } = this.#ports;
    while (!signal.aborted) {
      const now = await this.#ports.catalog();
      const isSame = now.version === catalog.version && now.erasures?.length === catalog.erasures?.length;
      const { states } = await online.read([], views);
      if (!isSame || states.some((state, i) => textOf(state) !== before[i])) return;
      await sleep(LOOK_EVERY_MILLIS, undefined, { signal }).catch(() => {});
    }
  }

  async #tailPorts(source: string): Promise<TailPorts> {
    const { log, online, applied, logger } = this.#ports;
    const opening = this.#engines.get(source) ?? this.#ports.openEngine();
    this.#engines.set(source, opening);
    const engine = await opening;
    return {
      ...{ log, store: online.streams(), applied },
      compute: (streams, partition) => streamCompute(engine, streams, partition),
      switchTo: async (view, filling) => {
        if (await switchTo(this.#ports, view, filling))
          logger.info({ view }, `lookups of ${view} read what its stream says`);
      },
    };
  }

  /** Begins those that are not under way, and ends those that nobody wants any more. */
  #followFills({ toFill }: Look, signal: AbortSignal): void {
    const wanted = new Set(toFill.map(({ stream }) => stream.target.field));
    for (const [field, { stop }] of this.#fills) if (!wanted.has(field)) stop.abort();
    for (const one of toFill) {
      const { field } = one.stream.target;
      if (this.#fills.has(field)) continue;
      const stop = new AbortController();
      const done = this.#fill(one, AbortSignal.any([signal, stop.signal])).finally(() => this.#fills.delete(field));
      this.#fills.set(field, { stop, done });
    }
  }

  /** Its failure is told, and the next look begins anew. */
  async #fill(one: ToFill, signal: AbortSignal): Promise<void> {
    const { online, fill, logger } = this.#ports;
    const { view, source, stream } = one;
    try {
      // What a former attempt has left.
      await online.dropField(stream.target.field);
      const begins = await fill(one, signal);
      signal.throwIfAborted();
      for (const { partition, ...at } of begins)
        await PartitionProcessor.begin({ store: online.streams() }, { source, partition }, [stream.target], at);
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ view, err: error }, `${view} could not be filled from its stream; it is tried again`);
      await sleep(PAUSES.longestMillis, undefined, { signal }).catch(() => {});
    } finally {
      this.#filled.resolve();
    }
  }
}
