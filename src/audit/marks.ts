// The instants at which one row may change the value of its key: where it comes in sight, where it leaves a window, where it
// is too old. A mark is the first instant of what follows, so that the two sides of an edge are `mark - 1` and `mark`.
//
//   continuous row view     ts, or ts + 1 with strictlyBefore; the created time; ts + ttl + 1
//   continuous window       ts + 1, or with an offset the first e with floor(e - o, hop) > ts; the first e with floor(e - w - o, hop) > ts
//   label window            ts + 1 - w; ts + 1
//   scheduled, all kinds    (the first boundary behind the row, or behind the row plus window and offset) + delay; ts + ttl + 1
import { knownMicros } from '../aggregate/windows.ts';
import type { AggregateView, FeatureView, LabelView, Refresh, ServableView } from '../catalog/catalog.ts';
import { floorTo } from '../instant.ts';
import type { HistoryRow } from '../offline/history-sampling.ts';

export interface Mark {
  /** Marks of one kind are edges of one rule. */
  readonly kind: string;
  readonly micros: bigint;
}

export function marksOf(view: FeatureView, row: HistoryRow): readonly Mark[] {
  switch (view.kind) {
    case 'row':
      return [...enters(view, row), ...expires(view.ttlMicros, row)];
    case 'aggregate':
      return [...enters(view, row), ...passes(view, row)];
    case 'label':
      return comesAndGoes(view, row);
  }
}

/** Instants from which a label looks ahead: the row is in the windows of those in (ts - w, ts]. */
const comesAndGoes = ({ features }: LabelView, { eventMicros }: HistoryRow): readonly Mark[] => [
  ...[...new Set(features.map(({ windowMicros }) => windowMicros))].map((width) => ({
    kind: `comes ${width}`,
    micros: eventMicros + 1n - width,
  })),
  { kind: 'goes', micros: eventMicros + 1n },
];

function enters({ refresh, ...view }: ServableView, { eventMicros, createdMicros }: HistoryRow): readonly Mark[] {
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

function passes(view: AggregateView, { eventMicros }: HistoryRow): readonly Mark[] {
  const marks = new Map<string, Mark>();
  const add = (kind: string, micros: bigint): unknown => marks.set(kind, { kind, micros });
  for (const { windowMicros: width, hopMicros: hop, offsetMicros: offset = 0n } of view.features) {
    if (width === null) continue;
    /** The first instant at which what is `age` old on the grid of the window is behind it. */
    const behind = (age: bigint): bigint =>
      view.refresh === null
        ? floorTo(eventMicros, hop ?? 1n) + (hop ?? 1n) + age
        : publishedMicros(view.refresh, eventMicros + age);
    if (offset !== 0n) add(`comes ${offset}/${hop}`, behind(offset));
    add(`leaves ${width + offset}/${hop}`, behind(width + offset));
  }
  return [...marks.values()];
}
