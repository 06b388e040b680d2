// What a lookup answers at an instant from what the last run stored, for one view and key.
import { type Answer, isVisible, lastRow, nothing, rowAnswers, windowAnswers } from './answers.ts';
import { DAY, parseDuration } from './instants.ts';
import type { ViewTable } from './rows.ts';
import { effectiveTime, offsetOf } from './windows.ts';
import { itemAt, type ViewDefinition } from './world.ts';

export interface Run {
  readonly until: bigint;
  readonly firstUntil: bigint; // of the first run
}

/** Answers at `at` from what the run stored. */
export function serve(of: ViewTable, run: Run, at: bigint): Answer[] {
  const { view } = of;
  if (view.refresh && effectiveTime(view, at) < effectiveTime(view, run.until)) return tooEarly(view);
  if (view.kind === 'row') return serveRow(of, run, at);
  return view.refresh ? serveScheduledAggregates(of, run, at) : serveContinuousAggregates(of, run, at);
}

const tooEarly = (view: ViewDefinition): Answer[] => view.features.map(() => nothing('TOO_EARLY'));

function serveRow(of: ViewTable, run: Run, at: bigint): Answer[] {
  const stored = lastRow(of, run.until);
  if (stored && !of.view.refresh && !isVisible(of.view, stored, at)) return tooEarly(of.view);
  const answers = rowAnswers(of.view, stored, at);
  if (!stored || of.view.ttl === undefined) return answers;
  // Retention: the rest of the ttl from the run that wrote the row (not before the first), plus one day.
  const expires = stored.eventTime + parseDuration(of.view.ttl);
  const mayBeGone = at > expires + DAY && at > run.firstUntil + DAY;
  return mayBeGone ? answers.map((answer) => ({ ...answer, alternatives: [nothing('NOT_FOUND')] })) : answers;
}

/** As time goes on they stay at the run's boundary, until the entry may have left the store. */
function serveScheduledAggregates(of: ViewTable, run: Run, at: bigint): Answer[] {
  const answers = windowAnswers(of, run.until);
  const mayBeGone = of.view.features.every((feature) => {
    const { window = 'unbounded' } = feature;
    return window !== 'unbounded' && at > run.until + offsetOf(feature) + parseDuration(window) + DAY;
  });
  if (!mayBeGone) return answers;
  const empty = windowAnswers({ ...of, rows: [] }, run.until);
  return answers.map((answer, i) => ({ ...answer, alternatives: [itemAt(empty, i)] }));
}

/** Windows slide to `at` over the rows that the run applied; of earlier instants no entry says anything, nor of absent keys. */
function serveContinuousAggregates(of: ViewTable, run: Run, at: bigint): Answer[] {
  const { view } = of;
  if (at < run.until) return tooEarly(view);
  return windowAnswers({ ...of, rows: of.rows.filter((row) => isVisible(view, row, run.until)) }, at);
}
