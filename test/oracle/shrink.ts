// Makes a failing world small: drops whatever is not needed for it to fail. A world is plain JSON, so this walks paths.
import { type ServiceEntry, serviceFeatures, type World } from './world.ts';

export type Fails<W extends World> = (world: W) => boolean | Promise<boolean>;
type Path = readonly (string | number)[];

/** Greedy; `fails` must hold for `world`. The result is valid, fails too, and is printed with its name (the seed). */
export async function shrink<W extends World>(world: W, fails: Fails<W>, print = console.error): Promise<W> {
  const fits = async (candidate: W) => isValid(candidate) && (await fails(candidate));
  const explicit = withoutUnused(withExplicitService(world));
  let smallest = (await fits(explicit)) ? explicit : world;
  for (let before = ''; before !== JSON.stringify(smallest); ) {
    before = JSON.stringify(smallest);
    for (const pattern of LISTS) {
      for (const path of matches(smallest, pattern)) smallest = await dropItems(smallest, path, fits);
    }
    for (const path of OPTIONS.flatMap((pattern) => matches(smallest, pattern))) {
      const candidate = changed(smallest, path, () => undefined) as W;
      if (await fits(candidate)) smallest = candidate;
    }
    const tidied = withoutUnused(smallest);
    if (await fits(tidied)) smallest = tidied;
  }
  print(`${smallest.name} fails when reduced to:\n${JSON.stringify(smallest, null, 1)}`);
  return smallest;
}

/** Lists that may lose items, the most telling first. `*` is every key. */
const LISTS: readonly Path[] = [
  ['labels', 'rows'],
  ['online'],
  ['tables', '*', 'rows'],
  ['online', '*', 'append', '*'],
  ['online', '*', 'entities'],
  ['definitions', 'featureServices', '*', 'features'],
  ['definitions', 'featureViews'],
  ['definitions', 'featureViews', '*', 'features'],
];
/** Properties that may go. */
const OPTIONS: readonly Path[] = [
  ...['where', 'ttl', 'lateness', 'visibleFrom', 'strictlyBefore'].map((name) => [
    'definitions',
    'featureViews',
    '*',
    name,
  ]),
  ['definitions', 'featureViews', '*', 'refresh', 'delay'],
  ['definitions', 'featureViews', '*', 'features', '*', 'default'],
  ['online', '*', 'append'],
];

/** Halves first, then ever smaller pieces. */
async function dropItems<W extends World>(world: W, path: Path, fits: Fails<W>): Promise<W> {
  let kept = world;
  const items = () => (valueAt(kept, path) ?? []) as readonly unknown[];
  for (let size = items().length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < items().length; ) {
      const rest = [...items().slice(0, start), ...items().slice(start + size)];
      const candidate = changed(kept, path, () => rest) as W;
      if (await fits(candidate)) kept = candidate;
      else start += size;
    }
  }
  return kept;
}

const isNode = (value: unknown): value is Record<string | number, unknown> =>
  typeof value === 'object' && value !== null;

const valueAt = (node: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (isNode(inner) ? inner[key] : undefined), node);

/** The paths of what is there. */
function matches(node: unknown, [key, ...rest]: Path): Path[] {
  if (key === undefined) return [[]];
  if (!isNode(node)) return [];
  const keys = key === '*' ? Object.keys(node) : key in node ? [key] : [];
  return keys.flatMap((own) => matches(node[own], rest).map((path) => [own, ...path]));
}

/** A copy with another value at the path; undefined removes a property. */
function changed(node: unknown, [key, ...rest]: Path, change: () => unknown): unknown {
  if (key === undefined) return change();
  if (!isNode(node)) return node;
  const value = changed(node[key], rest, change);
  if (Array.isArray(node)) return node.map((item, i) => (i === Number(key) ? value : item));
  const entries = Object.entries({ ...node, [key]: value });
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function isValid(world: World): boolean {
  const { featureViews, featureServices } = world.definitions;
  const isDefined = (entry: ServiceEntry) => {
    if (typeof entry === 'string' || entry.features === '*') return true;
    const view = featureViews.find(({ name }) => name === entry.view);
    return entry.features.every((feature) => view?.features.some(({ name }) => name === feature));
  };
  const hasAll = [...featureViews, ...featureServices].every(({ features }) => features.length > 0);
  return hasAll && world.labels.rows.length > 0 && featureServices.every(({ features }) => features.every(isDefined));
}

/** One entry per feature, so that each can be dropped. Output names stay. */
function withExplicitService<W extends World>(world: W): W {
  const withEntries = (features: readonly ServiceEntry[]) => ({
    ...world,
    definitions: { ...world.definitions, featureServices: [{ name: world.service, features }] },
  });
  const service = world.definitions.featureServices.find(({ name }) => name === world.service);
  const entries = (service?.features ?? []).flatMap((entry) =>
    serviceFeatures(withEntries([entry])).map(({ view, feature }): ServiceEntry => {
      return { ...(typeof entry === 'string' ? {} : entry), view: view.name, features: [feature.name] };
    }),
  );
  return withEntries(entries);
}

/** Without sources that no view reads, and their tables. */
function withoutUnused<W extends World>(world: W): W {
  const { definitions } = world;
  const sources = definitions.sources.filter(({ name }) =>
    definitions.featureViews.some((view) => view.source === name),
  );
  const isUsed = ([name]: readonly [string, unknown]) => sources.some((source) => source.name === name);
  const only = (tables: object | undefined) => Object.fromEntries(Object.entries(tables ?? {}).filter(isUsed));
  const online = world.online?.map((step) => (step.append ? { ...step, append: only(step.append) } : step));
  return {
    ...world,
    definitions: { ...definitions, sources },
    tables: only(world.tables),
    ...(online ? { online } : {}),
  };
}
