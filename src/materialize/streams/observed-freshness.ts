// How long events take from their receipt until lookups see them, counted by source.
import type { LoggedEvent } from '../../ingest/event-log.ts';
import { nowMicros } from '../../instant.ts';
import type { Observed, Telemetry } from '../../telemetry/telemetry.ts';

/** In seconds. */
export const SERVABLE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;

/** By source: so many events, and how long they took. Plain data. */
export type ObservedSources = Readonly<Record<string, Omit<Observed, 'labels'>>>;

export class ObservedFreshness {
  readonly #sources = new Map<string, { counts: number[]; sum: number }>();

  /** Lookups see them from now on. */
  applied(source: string, events: readonly LoggedEvent[]): void {
    const now = nowMicros();
    const observed = this.#sources.get(source) ?? { counts: [...SERVABLE_BUCKETS, 0].map(() => 0), sum: 0 };
    this.#sources.set(source, observed);
    for (const { appendMicros } of events) {
      const seconds = Math.max(0, Number(now - appendMicros) / 1e6);
      const bucket = SERVABLE_BUCKETS.findIndex((bound) => seconds <= bound);
      const place = bucket < 0 ? SERVABLE_BUCKETS.length : bucket;
      observed.counts[place] = (observed.counts[place] ?? 0) + 1;
      observed.sum += seconds;
    }
  }

  get observed(): ObservedSources {
    return Object.fromEntries(this.#sources);
  }
}

/** Adds up what processes observed that came one after the other. */
export class ObservedTotals {
  #former: ObservedSources = {};
  #present: ObservedSources = {};

  /** Of the process that lives. */
  see(observed: ObservedSources): void {
    this.#present = observed;
  }

  /** It has ended. */
  ended(): void {
    this.#former = this.#sum();
    this.#present = {};
  }

  measure(telemetry: Telemetry): void {
    const [labelNames, sum] = [['source'], () => Object.entries(this.#sum())];
    telemetry.readCounter({
      ...{ name: 'plumb_stream_events_applied_total', help: 'Events that lookups see, by source.', labelNames },
      collect: () =>
        sum().map(([source, { counts }]) => ({ labels: { source }, value: counts.reduce((a, b) => a + b, 0) })),
    });
    telemetry.readHistogram({
      ...{ name: 'plumb_stream_receipt_to_servable_seconds', labelNames, buckets: SERVABLE_BUCKETS },
      help: 'From the receipt of an event, when it became durable, until lookups see it.',
      collect: () => sum().map(([source, observed]) => ({ labels: { source }, ...observed })),
    });
  }

  #sum(): ObservedSources {
    const sources = new Set([...Object.keys(this.#former), ...Object.keys(this.#present)]);
    return Object.fromEntries(
      [...sources].map((source) => {
        const [a, b] = [this.#former[source], this.#present[source]];
        const counts = [...SERVABLE_BUCKETS, 0].map((_, i) => (a?.counts[i] ?? 0) + (b?.counts[i] ?? 0));
        return [source, { counts, sum: (a?.sum ?? 0) + (b?.sum ?? 0) }];
      }),
    );
  }
}
