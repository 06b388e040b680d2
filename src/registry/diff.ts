// What an apply changes: objects added, removed and changed, with the paths that changed, and which views get new values
// (and so will be rebuilt by their next run).
import type { Catalog } from '../catalog/catalog.ts';
import type { Json } from '../catalog/catalog-json.ts';
import { type Description, OBJECT_DESCRIPTIONS } from '../catalog/describe.ts';
import { isOnline } from '../catalog/look-up.ts';

export type ObjectKind = keyof typeof OBJECT_DESCRIPTIONS;

export interface ObjectChange {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Empty for added and removed objects, and for a view that changes only through its source or entities. */
  readonly paths: readonly PathChange[];
  /** Only of changed views that are online: its values change, so its next run rebuilds it, and serving switches then. */
  readonly isRebuilt: boolean;
}

export interface PathChange {
  /** In the words of definitions; features by name: `features[n_7d].window`. */
  readonly path: string;
  /** null: absent. */
  readonly before: Json;
  readonly after: Json;
}

const KINDS: readonly ObjectKind[] = ['entity', 'source', 'feature view', 'feature service'];

/** `before` null: nothing was registered yet. In order of kinds, then names. */
export const diffCatalogs = (before: Catalog | null, after: Catalog): readonly ObjectChange[] =>
  KINDS.flatMap((kind) => diffKind(kind, before, after));

function diffKind(kind: ObjectKind, before: Catalog | null, after: Catalog): ObjectChange[] {
  const old = before === null ? new Map<string, Description>() : OBJECT_DESCRIPTIONS[kind](before);
  const next = OBJECT_DESCRIPTIONS[kind](after);
  const names = [...new Set([...old.keys(), ...next.keys()])].toSorted();
  return names.flatMap((name) => {
    const [was, is] = kind === 'feature view' ? [before?.views.get(name), after.views.get(name)] : [];
    const isOther = was?.fingerprint !== is?.fingerprint;
    const change = diffObject({ kind, name }, old.get(name), next.get(name), isOther);
    return change === null
      ? []
      : { ...change, isRebuilt: change.change === 'changed' && isOther && is !== undefined && isOnline(is) };
  });
}

/** Null where nothing changed. */
function diffObject(
  object: Pick<ObjectChange, 'kind' | 'name'>,
  before: Description | undefined,
  after: Description | undefined,
  readsOther: boolean,
): Omit<ObjectChange, 'isRebuilt'> | null {
  if (before === undefined) return { ...object, change: 'added', paths: [] };
  if (after === undefined) return { ...object, change: 'removed', paths: [] };
  const paths = [...diffValues('', before, after)];
  return paths.length > 0 || readsOther ? { ...object, change: 'changed', paths } : null;
}

function* diffValues(path: string, before: Json, after: Json): Generator<PathChange> {
  const old = toEntries(before);
  const next = toEntries(after);
  if (old === null || next === null || old.isList !== next.isList) {
    if (JSON.stringify(before) !== JSON.stringify(after)) yield { path, before, after };
    return;
  }
  const pathOf = (key: string) => (old.isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);
  for (const key of new Set([...old.entries.keys(), ...next.entries.keys()])) {
    yield* diffValues(pathOf(key), old.entries.get(key) ?? null, next.entries.get(key) ?? null);
  }
  if (old.isList && isReordered(old.entries, next.entries)) {
    yield { path: `${path} (order)`, before: [...old.entries.keys()], after: [...next.entries.keys()] };
  }
}

interface Entries {
  readonly isList: boolean;
  readonly entries: ReadonlyMap<string, Json>;
}

/** Objects by key, and lists of named objects by name; null for everything that is compared as a whole. */
function toEntries(value: Json): Entries | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!isList(value)) return { isList: false, entries: new Map(Object.entries(value)) };
  const named = value.flatMap((item) => (isNamed(item) ? [[item.name, item] as const] : []));
  return named.length === value.length && named.length > 0 ? { isList: true, entries: new Map(named) } : null;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isNamed = (item: Json): item is { readonly name: string } =>
  typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string';

/** Whether what both have stands in another order. */
function isReordered(before: ReadonlyMap<string, Json>, after: ReadonlyMap<string, Json>): boolean {
  const kept = [...before.keys()].filter((key) => after.has(key));
  return [...after.keys()].filter((key) => before.has(key)).some((key, i) => key !== kept[i]);
}

/** For people, one line for each thing that changed: `features[n_7d].window: "7d" → "14d"`. */
export const changeLines = ({ change, paths, isRebuilt }: ObjectChange): readonly string[] => [
  ...paths.map(({ path, before, after }) => `${path}: ${text(before)} → ${text(after)}`),
  ...(change === 'changed' && paths.length === 0 ? ['what it reads changed (its source or entities)'] : []),
  ...(isRebuilt ? ['its values change: the next materialize rebuilds it, and serves the former ones until then'] : []),
];

const text = (value: Json): string => (value === null ? 'nothing' : JSON.stringify(value));
