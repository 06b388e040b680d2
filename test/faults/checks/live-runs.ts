// Which runs of a view may have been live at a moment, from what the commands said and when they lived.
//
//   A   acknowledged: began at a0, said before the request that its run is live
//   c   another run: may be live only if something that can publish it still lived when A began
//
// Everything here errs on the side of "may have been": with several processes at once the log alone cannot tell more.
import { type CommandEvent, commandsOf, type Event, type FaultEvent, faultsOf, overlaps } from '../event-log.ts';
import type { StoredRun } from '../evidence.ts';
import { type RunSaid, said } from './said.ts';

export interface Interval {
  readonly fromMillis: number;
  readonly toMillis: number;
}

interface Acknowledged extends Interval {
  readonly event: CommandEvent;
  readonly run: string;
  /** Of `--from-snapshot`, the T of the run that was loaded; the report's own run has no rows. */
  readonly snapshotUntil: string | null;
}

/** Instants in manifests are cut to what text holds. */
const CLOCK_MILLIS = 2;

export class LiveRuns {
  readonly #runs: readonly StoredRun[];
  readonly #commands: readonly CommandEvent[];
  readonly #acknowledged: readonly Acknowledged[];
  readonly #emptied: readonly FaultEvent[];

  constructor(view: string, events: readonly Event[], runs: readonly StoredRun[]) {
    this.#runs = runs.filter((run) => run.view === view);
    this.#commands = commandsOf(events).filter(
      ({ command }) => command.kind === 'materialize' && (command.views?.includes(view) ?? true),
    );
    this.#emptied = faultsOf(events).filter(({ emptied }) => emptied);
    this.#acknowledged = this.#commands.flatMap((event) =>
      (said(event)?.runs ?? [])
        .filter((run) => run.view === view && run.outcome === 'succeeded')
        .map((run) => acknowledged(event, run)),
    );
  }

  /** Whether nothing may have been live for the whole of the interval or a part of it. */
  mayBeNone(during: Interval): boolean {
    return this.#firmBefore(during).length === 0;
  }

  /** In sets of which one was read: a set holds runs of one generation, each based on another one of it. */
  during(interval: Interval): readonly (readonly StoredRun[])[] {
    return components(this.#runs.filter((run) => this.#mayBeLive(run, interval)));
  }

  /** Acknowledged before the interval, and not taken away by an emptied store since. */
  #firmBefore({ fromMillis, toMillis }: Interval): readonly Acknowledged[] {
    return this.#acknowledged.filter(
      (one) =>
        one.toMillis < fromMillis &&
        !this.#emptied.some((fault) => overlaps(fault, { fromMillis: one.fromMillis, toMillis })),
    );
  }

  #mayBeLive(run: StoredRun, interval: Interval): boolean {
    const publishers = this.#publishersOf(run);
    if (
      run.createdMillis > interval.toMillis + CLOCK_MILLIS ||
      !publishers.some(({ fromMillis }) => fromMillis <= interval.toMillis)
    )
      return false;
    return !this.#firmBefore(interval).some(
      (one) =>
        !isAbout(one, run) && publishers.every((event) => event === one.event || event.toMillis < one.fromMillis),
    );
  }

  /** Commands that may have put the run online: its own, one that finished it, one that loaded its snapshot. */
  #publishersOf(run: StoredRun): readonly CommandEvent[] {
    const made = { fromMillis: run.startedMillis - CLOCK_MILLIS, toMillis: run.createdMillis + CLOCK_MILLIS };
    const wasPublished = this.#acknowledged.some((one) => one.snapshotUntil === null && one.run === run.run);
    return this.#commands.filter((event) => {
      if (event.command.kind !== 'materialize' || event.toMillis < run.createdMillis - CLOCK_MILLIS) return false;
      if (overlaps(made, event) || event.command.mode === 'from_snapshot') return true;
      const wasEmptied = this.#emptied.some(
        (fault) => fault.toMillis > run.createdMillis && fault.fromMillis < event.toMillis,
      );
      return event.command.mode === 'incremental' && (!wasPublished || wasEmptied);
    });
  }
}

const acknowledged = (event: CommandEvent, { run, mode, until }: RunSaid): Acknowledged => {
  return {
    event,
    run,
    snapshotUntil: mode === 'from_snapshot' ? until : null,
    fromMillis: event.fromMillis,
    toMillis: event.toMillis,
  };
};

const isAbout = ({ run, snapshotUntil, toMillis }: Acknowledged, stored: StoredRun): boolean =>
  snapshotUntil === null
    ? stored.run === run
    : stored.until === snapshotUntil && stored.createdMillis <= toMillis + CLOCK_MILLIS;

/** A run that continues a generation replaces rows of the one it is based on, key by key. */
const continues = (run: StoredRun, base: StoredRun): boolean =>
  run.basedOn === base.run && run.fingerprint === base.fingerprint && run.mode !== 'full';

function components(runs: readonly StoredRun[]): readonly (readonly StoredRun[])[] {
  const sets: StoredRun[][] = [];
  for (const run of runs.toSorted((a, b) => a.run.localeCompare(b.run))) {
    const own = sets.find((set) => set.some((base) => continues(run, base)));
    if (own === undefined) sets.push([run]);
    else own.push(run);
  }
  return sets;
}
