// The instants where a rule turns, for one view at one instant: events belong there, and one microsecond beside.
import { parseDuration } from './instants.ts';
import { readRow, readView } from './rows.ts';
import { sameValue } from './values.ts';
import { createdLimit, effectiveTime, windowEnd, windowStart } from './windows.ts';
import { type FeatureDefinition, serviceFeatures, type ViewDefinition, type World } from './world.ts';

/** Event times at t: window ends and starts, boundaries, the gaps of sessions, the oldest age within ttl. */
export function eventTimeEdges(view: ViewDefinition, t: bigint): bigint[] {
  const e = effectiveTime(view, t);
  if (view.kind === 'row') return view.ttl === undefined ? [e] : [e, t - parseDuration(view.ttl)];
  const starts = view.features.map((feature) => windowStart(view, feature, e));
  const ends = view.features.map((feature) => windowEnd(view, feature, e)).filter((end) => end !== e);
  const gaps = view.features.flatMap((feature) => gapEdges(feature, windowEnd(view, feature, e)));
  return [e, ...starts.filter((start) => start !== null), ...ends, ...gaps];
}

/** Where a session is the last one that goes on, and one gap before it: rows there are exactly one gap apart. */
function gapEdges({ gap }: FeatureDefinition, end: bigint): bigint[] {
  if (gap === undefined) return [];
  const micros = parseDuration(gap);
  return [end - micros, end - 2n * micros];
}

/** Share of label rows for which some event of their key, in some view they read, lies exactly on an edge. */
export function edgeShare(world: World): number {
  const views = new Map(
    serviceFeatures(world).map(({ view }) => {
      const rows = readView(world, view, world.tables[view.source] ?? { columns: [], rows: [] }).rows;
      return [view, rows] as const;
    }),
  );
  const isOnEdge = world.labels.rows.map((cells) => {
    const label = readRow(world.labels, cells);
    const t = label[world.labels.timestampColumn] as bigint;
    return serviceFeatures(world).some(({ view, keyColumns }) => {
      const edges = eventTimeEdges(view, t);
      const limit = view.visibleFrom === 'created_time' ? createdLimit(view, t) : undefined;
      const isOfKey = (key: readonly unknown[]) =>
        keyColumns.every(({ name }, i) => sameValue(label[name] ?? null, (key[i] ?? null) as null));
      return (views.get(view) ?? []).some(
        (row) => isOfKey(row.key) && (edges.includes(row.eventTime) || (limit !== undefined && row.created === limit)),
      );
    });
  });
  return isOnEdge.filter(Boolean).length / Math.max(1, isOnEdge.length);
}
