// Every answer is that of one registered version and, for each view, of one generation that was live while it was asked
// for; never older than what was acknowledged before. What is no answer is an error that something explains.
import { parseInstant } from '../../oracle/instants.ts';
import { type Answer, columnsBetween, parseAnswer } from '../answer.ts';
import { commandsOf, type Event, type LookupEvent, lookupsOf, overlaps } from '../event-log.ts';
import type { StoredRun } from '../evidence.ts';
import { type AnsweredEntry, type Model, rowMismatch } from '../model.ts';
import { COMMAND_TIMEOUT_MILLIS } from '../online-kinds.ts';
import type { Seen } from '../seen.ts';
import { LiveRuns } from './live-runs.ts';
import { isTimeout, said } from './said.ts';
import { type Violation, violation } from './violation.ts';

/** Longest pause between two attempts to connect, and the time-outs on the way. */
const RECONNECT_MILLIS = 5000;
/** A server looks for a new version every half second; a busy machine looks later. */
const VERSION_MILLIS = 2000;

export function checkLookups(events: readonly Event[], seen: Seen, model: Model): readonly Violation[] {
  const check = new LookupCheck(events, seen, model);
  return lookupsOf(events).flatMap((event) => {
    const wrong = check.mismatch(event);
    return wrong === undefined
      ? []
      : [violation('lookup', `at ${event.at}, ${event.fromMillis} to ${event.toMillis}: ${wrong}: ${event.body}`)];
  });
}

/** What a server tells of its store names no reason; but whoever waited for as long as a command may take was late. */
const isTimedOut = ({ body, fromMillis, toMillis }: LookupEvent): boolean =>
  isTimeout(body) || (body.includes('STORE_UNAVAILABLE') && toMillis - fromMillis >= COMMAND_TIMEOUT_MILLIS);

class LookupCheck {
  readonly #events: readonly Event[];
  readonly #seen: Seen;
  readonly #model: Model;
  readonly #liveRuns = new Map<string, LiveRuns>();

  constructor(events: readonly Event[], seen: Seen, model: Model) {
    this.#events = events;
    this.#seen = seen;
    this.#model = model;
  }

  mismatch(event: LookupEvent): string | undefined {
    if (event.status === 200) return this.#answerMismatch(event);
    if (event.status === null)
      return this.#isDisturbed('server', event) ? undefined : 'no answer came, and the server was not disturbed';
    const code = (said({ out: event.body })?.error?.code ?? null) as string | null;
    switch (code) {
      case 'STORE_UNAVAILABLE':
        return this.#isDisturbed('store', event) ? undefined : 'the store is said to be away, and was not disturbed';
      case 'STORAGE_UNAVAILABLE':
        return this.#isDisturbed('storage', event) || isTimeout(event.body)
          ? undefined
          : 'the storage is said to be away, and was not disturbed';
      case 'NOT_MATERIALIZED':
        return this.#mayLackSomething(event) ? undefined : 'all its views were materialized';
      case 'NOT_APPLIED':
        return this.#newestAcknowledged(event.fromMillis - VERSION_MILLIS) === 0
          ? undefined
          : 'a version was registered';
      default:
        return `status ${event.status}, ${code}`;
    }
  }

  #isDisturbed(target: 'server' | 'store' | 'storage', event: LookupEvent): boolean {
    const tail = target === 'server' ? 100 : RECONNECT_MILLIS;
    const isDisturbance = (other: Event): boolean => {
      if (other.kind === 'lookup') return target === 'store' && isTimedOut(other);
      // LMDB is restarted with the server.
      return other.kind === 'fault' && (other.target === target || (target === 'server' && other.target === 'store'));
    };
    return this.#events.some((other) => isDisturbance(other) && overlaps(other, event, tail));
  }

  #answerMismatch(event: LookupEvent): string | undefined {
    const answer = parseAnswer(event.body);
    if (answer === null) return 'it is no answer';
    const variant = this.#model.variantOf(answer.version);
    if (variant === null || !this.#mayBeCurrent(answer.version, event))
      return `version ${answer.version} was not current`;
    const entries = this.#model.entriesOf(variant);
    const columns = entries.flatMap((entry) => entry.columns);
    if (columns.join() !== answer.columns.join()) return `columns ${answer.columns}, expected ${columns}`;
    const views = new Set(entries.map(({ view }) => view));
    for (const view of views) {
      const sets = this.#live(view).during(event);
      const wrong = sets.map((set) => setMismatch(this.#model, set, view, entries, variant, answer, event.at));
      if (!wrong.includes(undefined))
        return `${view} is as no run that may have been live has it (${wrong.join('; ') || 'none may have been'})`;
    }
    return undefined;
  }

  #live(view: string): LiveRuns {
    const known = this.#liveRuns.get(view) ?? new LiveRuns(view, this.#events, this.#seen.runs);
    this.#liveRuns.set(view, known);
    return known;
  }

  #mayBeCurrent(version: number, event: LookupEvent): boolean {
    const stored = this.#seen.versions.find((one) => one.version === version);
    const applies = commandsOf(this.#events).filter(
      ({ command }) => command.kind === 'apply' && command.variant === stored?.variant,
    );
    if (!applies.some(({ fromMillis }) => fromMillis <= event.toMillis)) return false;
    const isLate = this.#isDisturbed('server', event) || this.#isDisturbed('storage', event);
    return isLate || version >= this.#newestAcknowledged(event.fromMillis - VERSION_MILLIS);
  }

  /** 0 where none was registered by then. */
  #newestAcknowledged(byMillis: number): number {
    const versions = commandsOf(this.#events)
      .filter(({ command, code, toMillis }) => command.kind === 'apply' && code === 0 && toMillis < byMillis)
      .map((event) => said(event)?.version ?? 0);
    return Math.max(0, ...versions);
  }

  /** Of any version that may have been current: a view of which nothing may have been live. */
  #mayLackSomething(event: LookupEvent): boolean {
    const versions = this.#seen.versions.filter(({ version }) => this.#mayBeCurrent(version, event));
    return versions.some(({ variant }) =>
      this.#model.entriesOf(variant ?? 0).some(({ view }) => this.#live(view).mayBeNone(event)),
    );
  }
}

/** Undefined where every row of the view's part is that of some run of the set. */
export function setMismatch(
  model: Model,
  set: readonly StoredRun[],
  view: string,
  entries: readonly AnsweredEntry[],
  variant: number,
  answer: Answer,
  at: string,
): string | undefined {
  const asOf = answer.asOf[view];
  if (!set.some(({ until }) => asOf !== undefined && parseInstant(until) === parseInstant(asOf)))
    return `as of ${asOf}, expected ${set.map(({ until }) => until)}`;
  let from = 0;
  for (const entry of entries) {
    const to = from + entry.columns.length;
    if (entry.view === view) {
      const part = columnsBetween(answer, from, to);
      for (let row = 0; row < part.rows.length; row += 1) {
        const wrong = set.map((run) => {
          const want = model.answer(run, entry, variant, at);
          return rowMismatch(want, part, row);
        });
        if (!wrong.includes(undefined)) return `entity ${row}: ${wrong.join(', ')}`;
      }
    }
    from = to;
  }
  return undefined;
}
