// How fresh each view is, for those who watch. What the online store says is kept for some seconds: three metrics ask for it,
// and with several workers each of them every second.
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { isOnline } from '../catalog/look-up.ts';
import type { EventLog } from '../ingest/event-log.ts';
import { nowMicros } from '../instant.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { soonOr } from '../soon-or.ts';
import type { Sample, Telemetry } from '../telemetry/telemetry.ts';
import { type Freshness, freshnessOf, type Materialized } from './freshness.ts';
import { type HeldView, materializedOf, nameOf } from './held-view.ts';
import { readMaterializedWithLag } from './materialized.ts';

export interface FreshnessPorts {
  readonly catalog: () => Promise<Catalog>;
  readonly online: OnlineStore;
  readonly log: () => Promise<EventLog>;
  readonly held: () => Promise<readonly HeldView[]>;
}

const KEPT_MILLIS = 5000;
/** A store that is away must not hold up the other metrics. */
const MOST_WAIT_MILLIS = 500;

interface Seen {
  readonly name: string;
  readonly view: FeatureView;
  readonly materialized: Materialized;
}

export function measureFreshness(telemetry: Telemetry, ports: FreshnessPorts): void {
  const views = keptFor(KEPT_MILLIS, () => readViews(ports));
  const gauge = (name: string, help: string, read: (freshness: Freshness, seen: Seen) => number | null): void =>
    telemetry.gauge({
      ...{ name, help, labelNames: ['view'], ofProcesses: 'max' },
      collect: async () =>
        samplesOf((await soonOr(views(), [], MOST_WAIT_MILLIS).catch(() => [])) as readonly Seen[], read),
    });
  gauge(
    'plumb_view_freshness_seconds',
    'From the watermark of a view to now; of a view that a stream feeds, since the first event that is not applied was received; absent where it was never materialized.',
    ({ freshnessSeconds }) => freshnessSeconds,
  );
  gauge(
    'plumb_view_lag_events',
    'Events in the log that lookups of a view do not see yet; absent of views that no stream feeds.',
    (_freshness, { materialized }) => materialized.lag?.events ?? null,
  );
  gauge(
    'plumb_view_overdue_seconds',
    'Since the first run of a view that should have been and was not; 0 where none is missing, absent where nothing is scheduled.',
    ({ overdueSeconds }) => overdueSeconds,
  );
  gauge(
    'plumb_view_materialized',
    '1 where the online store has values of a view, 0 where a lookup is NOT_MATERIALIZED.',
    (_freshness, { materialized }) => Number(materialized.watermarkMicros !== null),
  );
}

async function readViews({ catalog, online, log, held }: FreshnessPorts): Promise<readonly Seen[]> {
  const { views: defined, viewsSince } = await catalog();
  const views = [...defined.values()].filter(isOnline);
  const found = await readMaterializedWithLag({ online, log }, views);
  const present = views.map((view, i) => ({
    name: view.name,
    view,
    materialized: { ...(found[i] as Materialized), sinceMicros: viewsSince?.get(view.name)?.micros },
  }));
  const former = (await held()).map((one) => ({
    name: nameOf(one),
    view: one.view,
    materialized: materializedOf(one),
  }));
  return [...present, ...former];
}

function samplesOf(all: readonly Seen[], read: (freshness: Freshness, seen: Seen) => number | null): Sample[] {
  const now = nowMicros();
  return all.flatMap((seen) => {
    const value = read(freshnessOf(seen.view, seen.materialized, now), seen);
    return value === null ? [] : [{ labels: { view: seen.name }, value }];
  });
}

/** The newest answer of `read`, as long as it is not older; failures are not kept. */
function keptFor<T>(millis: number, read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly value: Promise<T>; readonly atMillis: number } | null = null;
  return () => {
    if (kept !== null && performance.now() - kept.atMillis < millis) return kept.value;
    const value = read();
    kept = { value, atMillis: performance.now() };
    value.catch(() => {
      kept = null;
    });
    return value;
  };
}
