// Which keys are asked for at which instants. Each round is one run of the view, so there are few of them: at instants where
// something happens to a sampled row. In a round stand first the keys that something happens to there, then others in turn.

import type { Value } from '../../schemas/types.ts';
import { effectiveMicros } from '../aggregate/windows.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import { parseInstant } from '../instant.ts';
import type { HistoryRow } from '../offline/history-sampling.ts';
import { type Mark, marksOf } from './marks.ts';
import { keyText } from './value-text.ts';

export interface Probe {
  /** The view's join keys, in order. */
  readonly key: readonly Value[];
  readonly atMicros: bigint;
}

export interface Round {
  /** A run of the view at this instant serves every probe. */
  readonly untilMicros: bigint;
  readonly probes: readonly Probe[];
}

/** Runs of one view: each computes the whole view at an instant. */
const MOST_ROUNDS = 10;

export interface Choice {
  /** How many probes there are at most. */
  readonly samples: number;
  /**
   * Of the whole source: a run behind it has every row, so that what it serves at later instants is what training has there. Null:
   * later instants are not asked for.
   */
  readonly latestMicros: bigint | null;
}

/** In order of time. None without history. */
export function chooseRounds(
  view: FeatureView,
  history: readonly HistoryRow[],
  { samples, latestMicros }: Choice,
): readonly Round[] {
  const edges = history.map((row) => ({ key: row.key, marks: marksOf(view, row) }));
  const lastMicros = latestMicros === null || !isPlausible(latestMicros + 1n) ? null : latestMicros + 1n;
  const marked = chooseInstants(
    view,
    edges.flatMap(({ marks }) => marks),
    Math.min(MOST_ROUNDS, samples) - (lastMicros === null ? 0 : 1),
  );
  const instants =
    lastMicros === null || history.length === 0 ? marked : [...marked.filter((at) => at < lastMicros), lastMicros];
  const sizeOf = (round: number): number => Math.floor((samples + round) / instants.length);
  const filling = new Map(instants.map((until, round) => [until, new Filling(until, sizeOf(round))]));
  for (const { key, marks } of edges)
    for (const atMicros of marks.flatMap(bothSides)) {
      const until = lastMicros !== null && atMicros > lastMicros ? lastMicros : untilAt(view, atMicros);
      filling.get(until)?.add({ key, atMicros });
    }
  const others = cycle([...new Map(history.map(({ key }) => [keyText(key), key])).values()]);
  return [...filling.values()].map((round) => {
    round.fill(others, sidesOf(view, round.untilMicros));
    return round;
  });
}

/**
 * Of a view that answers at any instant: no run is needed for one. Each row has one of its marks looked at, in turn, before any has
 * a second one; then the keys behind the last row.
 */
export function chooseProbes(
  view: FeatureView,
  history: readonly HistoryRow[],
  { samples, latestMicros }: Choice,
): readonly Probe[] {
  const edges = history.map((row) => ({ key: row.key, marks: marksOf(view, row) }));
  const longest = Math.max(0, ...edges.map(({ marks }) => marks.length));
  const chosen = new Filling(0n, samples);
  if (latestMicros !== null)
    chosen.fill(cycle(edges.slice(0, samples >> 2).map(({ key }) => key)), [latestMicros + 1n]);
  for (let turn = 0; turn < longest; turn += 1)
    for (const [i, { key, marks }] of edges.entries()) {
      const mark = turn < marks.length ? marks[(i + turn) % marks.length] : undefined;
      for (const atMicros of mark === undefined ? [] : bothSides(mark)) chosen.add({ key, atMicros });
    }
  return chosen.probes;
}

const bothSides = ({ micros }: Mark): readonly bigint[] => [micros - 1n, micros].filter(isPlausible);

/** Labels lie in these years. */
const FIRST = parseInstant('0001-01-01T00:00:00Z') as bigint;
const LAST = parseInstant('9999-12-31T00:00:00Z') as bigint;
const isPlausible = (micros: bigint): boolean => micros >= FIRST && micros <= LAST;

/** Of a scheduled view: when the boundary that counts at an instant is published. */
const untilAt = ({ refresh }: FeatureView, atMicros: bigint): bigint =>
  refresh === null ? atMicros : effectiveMicros(refresh, atMicros) + refresh.delayMicros;

/** The first and the last instant that one run serves. */
const sidesOf = ({ refresh }: FeatureView, untilMicros: bigint): readonly bigint[] =>
  refresh === null ? [untilMicros] : [untilMicros, untilMicros + refresh.everyMicros - 1n];

/** Every kind of mark in turn, so that each rule is looked at on both sides of one of its edges before any has a second one. */
function chooseInstants(view: FeatureView, marks: readonly Mark[], most: number): readonly bigint[] {
  const kinds = [...Map.groupBy(marks, ({ kind }) => kind).values()];
  const longest = Math.max(0, ...kinds.map(({ length }) => length));
  const chosen = new Set<bigint>();
  for (let turn = 0; turn < longest && chosen.size < most; turn += 1)
    for (const mark of kinds.flatMap((kind) => kind[turn] ?? []))
      for (const at of bothSides(mark)) if (chosen.size < most) chosen.add(untilAt(view, at));
  return [...chosen].toSorted((a, b) => (a < b ? -1 : 1));
}

class Filling implements Round {
  readonly untilMicros: bigint;
  readonly probes: Probe[] = [];
  readonly #size: number;
  readonly #known = new Set<string>();

  constructor(untilMicros: bigint, size: number) {
    this.untilMicros = untilMicros;
    this.#size = size;
  }

  add(probe: Probe): void {
    const id = `${probe.atMicros} ${keyText(probe.key)}`;
    if (this.probes.length >= this.#size || this.#known.has(id)) return;
    this.#known.add(id);
    this.probes.push(probe);
  }

  fill(others: Cycle, sides: readonly bigint[]): void {
    for (let i = 0; i < others.length && this.probes.length < this.#size; i += 1)
      this.add({ key: others.next(), atMicros: sides[i % sides.length] as bigint });
  }
}

interface Cycle {
  readonly length: number;
  next(): readonly Value[];
}

/** Goes on where the round before ended. */
function cycle(keys: readonly (readonly Value[])[]): Cycle {
  let at = 0;
  return { length: keys.length, next: () => keys[at++ % keys.length] as readonly Value[] };
}
