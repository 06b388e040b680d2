// What is run by itself: views with refresh or a cron schedule, and the commands of the project file. Plain data.
import { isDeepStrictEqual } from 'node:util';
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { type HeldView, scheduleNameOf } from './held-view.ts';
import { type Timing, timingOf } from './timing.ts';

interface ScheduleBase {
  /** Of the view, or of the schedule in the project file; unique. */
  readonly name: string;
  readonly timing: Timing;
  /** Of several runs that were missed: the newest alone, or each in turn. */
  readonly catchUp: 'latest' | 'each';
  /** What is run. Where it changes, what was done before does not count. */
  readonly fingerprint: string;
  /** What somebody has to mend; it is run all the same. */
  readonly problem: string | null;
}

export interface ViewSchedule extends ScheduleBase {
  readonly kind: 'view';
  /** What is run; the schedule of a former definition has a name of its own. */
  readonly view: string;
  readonly isOfFormer: boolean;
}

export interface CommandSchedule extends ScheduleBase {
  readonly kind: 'command';
  readonly run: string;
}

export type Schedule = ViewSchedule | CommandSchedule;

/** As the project file has it. */
export interface DeclaredCommand {
  readonly name: string;
  readonly cron: string;
  readonly run: string;
  readonly catchUp?: 'latest' | 'each' | undefined;
}

/** By name. */
export function schedulesOf(
  catalog: Catalog,
  declared: readonly DeclaredCommand[],
  held: readonly HeldView[],
): readonly Schedule[] {
  const declaredNames = new Set(declared.map(({ name }) => name));
  const views = [...catalog.views.values()].flatMap((view) => viewSchedule(view, declaredNames.has(view.name)) ?? []);
  const former = held.flatMap((one) => formerSchedule(one, catalog) ?? []);
  const taken = new Set([...views, ...former].map(({ name }) => name));
  const commands = declared.filter(({ name }) => !taken.has(name)).map(commandSchedule);
  return [...views, ...former, ...commands].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

const TAKEN = 'a schedule of the project file has this name too, and is never run: rename that one';

function viewSchedule(view: FeatureView, isTaken: boolean): ViewSchedule | null {
  const timing = timingOf(view);
  if (timing === null) return null;
  const { name, catchUp = 'latest', fingerprint } = view;
  const problem = isTaken ? TAKEN : null;
  return { kind: 'view', name, view: name, isOfFormer: false, timing, catchUp, fingerprint, problem };
}

/** null where it has none of its own: it runs with the present definition wherever both are due at the same instants. */
function formerSchedule(one: HeldView, { views }: Catalog): ViewSchedule | null {
  const { view } = one;
  const present = views.get(view.name);
  const timing = timingOf(view);
  if (timing === null || (present !== undefined && isDeepStrictEqual(timingOf(present), timing))) return null;
  const { name, catchUp = 'latest', fingerprint } = view;
  return {
    kind: 'view',
    name: scheduleNameOf(one),
    view: name,
    isOfFormer: true,
    timing,
    catchUp,
    fingerprint,
    problem: null,
  };
}

function commandSchedule({ name, cron, run, catchUp = 'latest' }: DeclaredCommand): CommandSchedule {
  const timing = { kind: 'cron', cron } as const;
  return { kind: 'command', name, timing, catchUp, run, fingerprint: `${cron} ${run}`, problem: null };
}
