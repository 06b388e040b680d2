// What `gc` may remove, must leave and has to finish. It says so by itself; here it is read from what is there before and
// after each round, by rules of their own: docs/retention.md.
import { type CommandEvent, commandsOf, type Event } from '../event-log.ts';
import type { Evidence, StoredDataset, StoredRun } from '../evidence.ts';
import { KEPT_DATASETS, KEPT_SNAPSHOTS } from '../project-file.ts';
import { said } from './said.ts';
import { type Violation, violation } from './violation.ts';

/** Between two looks. */
interface Step {
  readonly before: Evidence;
  readonly after: Evidence;
  /** Commands that ended between them; none outlives its round. */
  readonly commands: readonly CommandEvent[];
  /** Of the last time that all became older: what was written later is younger than the grace period. */
  readonly agedMillis: number;
}

export function checkRetention(events: readonly Event[], looks: readonly Evidence[]): readonly Violation[] {
  return [
    ...stepsOf(events, looks).flatMap((step) => [...checkRemoved(step), ...checkSaid(step)]),
    ...looks.flatMap((look) => checkKept(look, events)),
    ...checkNumbers(looks),
  ];
}

function stepsOf(events: readonly Event[], looks: readonly Evidence[]): readonly Step[] {
  return looks.slice(1).map((after, i): Step => {
    const before = looks[i] as Evidence;
    const aged = events.filter(({ kind, toMillis }) => kind === 'age' && toMillis <= before.atMillis);
    return {
      ...{ before, after, agedMillis: Math.max(0, ...aged.map(({ fromMillis }) => fromMillis)) },
      commands: commandsOf(events).filter(({ toMillis }) => toMillis > before.atMillis && toMillis <= after.atMillis),
    };
  });
}

const idOf = ({ view, run }: Pick<StoredRun, 'view' | 'run'>): string => `run ${run} of ${view}`;
const idOfDataset = ({ name, version }: Pick<StoredDataset, 'name' | 'version'>): string =>
  `dataset ${name}@${version}`;

function gone<T>(before: readonly T[], after: readonly T[], id: (one: T) => string): readonly T[] {
  const left = new Set(after.map(id));
  return before.filter((one) => !left.has(id(one)));
}

const collects = ({ command }: CommandEvent): boolean => command.kind === 'gc' && !command.dryRun;

/** Nothing goes but what gc removes, and that nothing which somebody needs. */
function checkRemoved({ before, after, commands, agedMillis }: Step): readonly Violation[] {
  const runs = gone(before.runs, after.runs, idOf);
  const datasets = gone(before.datasets, after.datasets, idOfDataset);
  const names = [...runs.map(idOf), ...datasets.map(idOfDataset)];
  if (names.length > 0 && !commands.some(collects))
    return [violation('removed', `${names} went, and no collection ran`)];
  const needed = new Map([...neededRuns(before, after), ...neededDatasets(before, after)]);
  return [
    ...names.flatMap((name) => (needed.has(name) ? [violation('needed', `${name} went: ${needed.get(name)}`)] : [])),
    ...runs
      .filter(({ createdMillis }) => createdMillis > agedMillis)
      .map((run) => violation('needed', `${idOf(run)} went, younger than the grace period`)),
  ];
}

/** What is needed before and after is needed by whatever collection ran between. */
function neededRuns(before: Evidence, after: Evidence): ReadonlyMap<string, string> {
  const needed = new Map<string, string>();
  const all = [...before.runs, ...gone(after.runs, before.runs, idOf)];
  for (const view of new Set(all.map((run) => run.view))) {
    const own = all.filter((run) => run.view === view);
    const stays = staying(view, own, before);
    for (const [run, why] of stays) {
      const isLive = why === LIVE && liveOf(before, view)?.run !== liveOf(after, view)?.run;
      if (!isLive) needed.set(idOf({ view, run }), why);
    }
  }
  return needed;
}

const LIVE = 'what is live is built from it';
const liveOf = ({ live }: Evidence, view: string) => live.find((one) => one.view === view);

/** Run → why it has to stay. `look`: whose live runs and registered definitions count. */
function staying(
  view: string,
  runs: readonly StoredRun[],
  look: Pick<Evidence, 'live' | 'versions'>,
): ReadonlyMap<string, string> {
  const newestFirst = runs.toSorted((a, b) => Number(b.run) - Number(a.run));
  const stays = new Map<string, string>();
  const keep = (run: string | null | undefined, why: string): void => {
    for (const link of newestFirst.find((one) => one.run === run)?.chain ?? [])
      if (!stays.has(link)) stays.set(link, why);
  };
  for (const { run } of newestFirst.slice(0, KEPT_SNAPSHOTS)) keep(run, 'it is among the newest');
  const fingerprint = look.versions.at(-1)?.fingerprints[view];
  keep(newestFirst.find((run) => run.fingerprint === fingerprint)?.run, 'an emptied store would be filled from it');
  const live = look.live.find((one) => one.view === view);
  keep(live?.run, LIVE);
  keep(live?.token, 'it was the last to claim the view');
  return stays;
}

function neededDatasets(before: Evidence, after: Evidence): ReadonlyMap<string, string> {
  const all = [...before.datasets, ...gone(after.datasets, before.datasets, idOfDataset)];
  const stay = all.filter((dataset) => isAmongNewest(dataset, all));
  return new Map(stay.map((dataset) => [idOfDataset(dataset), 'it is among the newest']));
}

const isAmongNewest = ({ name, version }: StoredDataset, all: readonly StoredDataset[]): boolean =>
  all.filter((other) => other.name === name && other.version > version).length < KEPT_DATASETS;

/** Whoever was told that a dataset is kept finds it, until somebody releases it. */
function checkKept({ datasets, atMillis }: Evidence, events: readonly Event[]): readonly Violation[] {
  const commands = commandsOf(events).filter(({ command }) => command.kind === 'keep');
  return commands.flatMap((event) => {
    const { command, code, toMillis } = event;
    if (command.kind !== 'keep' || command.release || code !== 0 || toMillis > atMillis) return [];
    const isReleased = commands.some(
      ({ command: other, ...late }) =>
        other.kind === 'keep' && other.release && other.name === command.name && late.toMillis >= event.fromMillis,
    );
    const found = datasets.find(({ name, version }) => name === command.name && version === command.version);
    if (isReleased || found?.kept === true) return [];
    return [
      violation('kept', `${idOfDataset(command)} was kept, and ${found === undefined ? 'is gone' : 'is kept no more'}`),
    ];
  });
}

/** What it says that it removed is gone; and where it was alone and came to its end, it says all that is gone. */
function checkSaid({ before, after, commands }: Step): readonly Violation[] {
  const collections = commands.filter(collects);
  const counts = (kind: string): ReadonlyMap<string, number> => {
    const names =
      kind === 'dataset'
        ? gone(before.datasets, after.datasets, idOfDataset).map(({ name }) => name)
        : gone(before.runs, after.runs, idOf).map(({ view }) => view);
    return new Map(names.map((name) => [name, names.filter((other) => other === name).length]));
  };
  return collections
    .filter(({ code }) => code === 0)
    .flatMap((event) => {
      const { removed = [] } = said(event) ?? {};
      return ['dataset', 'snapshot'].flatMap((kind) => {
        const actual = counts(kind);
        const told = new Map(removed.filter((one) => one.kind === kind).map(({ name, items }) => [name, items]));
        return [...new Set([...actual.keys(), ...told.keys()])].flatMap((name) => {
          const [is, says] = [actual.get(name) ?? 0, told.get(name) ?? 0];
          if (says === is || (says < is && collections.length > 1)) return [];
          return [violation('gc', `it says that it removed ${says} of ${kind} ${name}; ${is} are gone`)];
        });
      });
    });
}

/** A number that was given is never given again, also where what had it is gone. */
function checkNumbers(looks: readonly Evidence[]): readonly Violation[] {
  const known = new Map<string, string>();
  const wrong: Violation[] = [];
  for (const { runs, datasets } of looks) {
    const all = [
      ...runs.map((run) => [idOf(run), String(run.createdMillis)] as const),
      ...datasets.map((dataset) => [idOfDataset(dataset), dataset.parts.map(({ key }) => key).join()] as const),
    ];
    for (const [id, content] of all) {
      if ((known.get(id) ?? content) !== content) wrong.push(violation('number', `${id} is another one than before`));
      known.set(id, content);
    }
  }
  return wrong;
}

/** When nothing is in the way, collections leave nothing that may go, wherever others were cut off. */
export function checkCollected({ runs, datasets, live, versions, leftovers }: Evidence): readonly Violation[] {
  const views = new Set(runs.map(({ view }) => view));
  const needless = [...views].flatMap((view) => {
    const own = runs.filter((run) => run.view === view);
    const stays = staying(view, own, { live, versions });
    return own.filter(({ run }) => !stays.has(run)).map(idOf);
  });
  const old = datasets.filter((dataset) => !dataset.kept && !isAmongNewest(dataset, datasets)).map(idOfDataset);
  return [...needless, ...old, ...leftovers].map((name) =>
    violation('collected', `${name} is there after a collection that nothing was in the way of`),
  );
}
