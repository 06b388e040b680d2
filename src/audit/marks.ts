// The instants at which one row may change the value of its key: where it comes in sight, where it leaves a window, where it
// is too old. A mark is the first instant of what follows, so that the two sides of an edge are `mark - 1` and `mark`.
//
//   continuous row view     ts, or ts + 1 with strictlyBefore; the created time; ts + ttl + 1
//   continuous window       ts + 1; the first e with floor(e - w, hop) > ts
//   scheduled, all kinds    (the first boundary behind the row, or behind the row plus the window) + delay; ts + ttl + 1
import { knownMicros } from '../aggregate/windows.ts';
import type { FeatureView, Refresh } from '../catalog/catalog.ts';
import { floorTo } from '../instant.ts';
import type { HistoryRow } from '../offline/history-sampling.ts';

export interface Mark {
  /** Marks of one kind are edges of one rule. */
  readonly kind: string;
  readonly micros: bigint;
}

export function marksOf(view: FeatureView, row: HistoryRow): readonly Mark[] {
  return [...enters(view, row), ...(view.kind === 'row' ? expires(view.ttlMicros, row) : leaves(view, row))];
}

function enters({ refresh, ...view }: FeatureView, { eventMicros, createdMicros }: HistoryRow): readonly Mark[] {
  const isAtOnce = refresh === null && view.kind === 'row' && !view.strictlyBefore;
  const seen = refresh === null ? eventMicros + (isAtOnce ? 0n : 1n) : publishedMicros(refresh, eventMicros);
  const entering = { kind: 'enters', micros: seen };
  if (view.visibleFrom !== 'created_time' || createdMicros === null) return [entering];
  return [entering, { kind: 'known', micros: firstKnown(refresh, createdMicros) }];
}

/** When the first boundary behind an instant is published. */
const publishedMicros = ({ everyMicros, delayMicros }: Refresh, micros: bigint): bigint =>
  floorTo(micros, everyMicros) + everyMicros + delayMicros;

/** The first instant whose p(t) reaches a created time. */
function firstKnown(refresh: Refresh | null, createdMicros: bigint): bigint {
  if (refresh === null) return createdMicros;
  const boundary = floorTo(createdMicros - refresh.delayMicros, refresh.everyMicros) + refresh.delayMicros;
  return knownMicros(refresh, boundary) >= createdMicros ? boundary : boundary + refresh.everyMicros;
}

const expires = (ttlMicros: bigint | null, { eventMicros }: HistoryRow): readonly Mark[] =>
  ttlMicros === null ? [] : [{ kind: 'expires', micros: eventMicros + ttlMicros + 1n }];

function leaves(view: FeatureView, { eventMicros }: HistoryRow): readonly Mark[] {
  if (view.kind !== 'aggregate') return [];
  const marks = new Map<string, Mark>();
  for (const { windowMicros: width, hopMicros: hop } of view.features) {
    if (width === null) continue;
    const kind = `leaves ${width}/${hop}`;
    const micros =
      view.refresh === null
        ? floorTo(eventMicros, hop ?? 1n) + (hop ?? 1n) + width
        : publishedMicros(view.refresh, eventMicros + width);
    marks.set(kind, { kind, micros });
  }
  return [...marks.values()];
}
