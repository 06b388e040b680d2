// Feature services: which features, under which output names, read by which label columns.
import type { FeatureServiceDefinition } from '../../schemas/definitions.ts';
import type { JoinKeyType } from '../../schemas/types.ts';
import type { FeatureService, FeatureView, ServiceFeature } from '../catalog/catalog.ts';
import { show } from '../contract-mistakes.ts';
import { nearestName, oneOf } from '../nearest.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import type { Parsed } from './parse-definitions.ts';
import { documented } from './resolve-fields.ts';
import { find, type Scope } from './scope.ts';

export interface ServiceScope {
  readonly views: Scope<FeatureView>;
  /** Feature names of each view as written, faulty ones too. */
  readonly writtenFeatures: ReadonlyMap<string, ReadonlySet<string>>;
}

type EntryDefinition = FeatureServiceDefinition['features'][number];

interface Entry {
  readonly view: string;
  readonly features: '*' | readonly string[];
  readonly joinKeys: ReadonlyMap<string, string>;
  readonly prefix: string | null;
}

export function resolveService(
  parsed: Parsed<FeatureServiceDefinition>,
  scope: ServiceScope,
  mistakes: Mistakes,
): FeatureService {
  const { value, featurePlaces, place } = parsed;
  const entries = value.features.map((entry, i) => resolveEntry(entry, scope, featurePlaces[i] ?? place, mistakes));
  refuseCollisions(entries.flat(), mistakes);
  checkLabelColumns(entries.flat(), mistakes);
  return { name: value.name, features: entries.flat().map(({ feature }) => feature), ...documented(value) };
}

interface Resolved {
  readonly feature: ServiceFeature;
  readonly keyTypes: readonly JoinKeyType[];
  readonly place: Place;
}

const toEntry = (entry: EntryDefinition): Entry => {
  if (typeof entry !== 'string')
    return {
      view: entry.view,
      features: entry.features,
      joinKeys: new Map(Object.entries(entry.joinKeys ?? {})),
      prefix: entry.prefix ?? null,
    };
  const [view = '', feature = ''] = entry.split(':');
  return { view, features: feature === '*' ? '*' : [feature], joinKeys: new Map(), prefix: null };
};

function resolveEntry(definition: EntryDefinition, scope: ServiceScope, place: Place, mistakes: Mistakes): Resolved[] {
  const entry = toEntry(definition);
  const isText = typeof definition === 'string';
  const view = find(scope.views, entry.view, isText ? place : at(place, 'view'), mistakes);
  if (view === null) return [];
  const readAs = resolveReadAs(entry, view, place, mistakes);
  const keyTypes = view.joinKeys.map(({ type }) => type);
  const written = scope.writtenFeatures.get(view.name) ?? new Set();
  const names = entry.features === '*' ? view.features.map(({ name }) => name) : entry.features;
  return names.flatMap((feature, i) => {
    const where = isText || entry.features === '*' ? place : at(place, 'features', i);
    if (!written.has(feature)) {
      mistakes.add(where, show(feature), `a feature of ${view.name}: ${oneOf(written)}`, nearestName(feature, written));
      return [];
    }
    const name = entry.prefix === null ? `${view.name}__${feature}` : `${entry.prefix}${feature}`;
    return [{ feature: { name, view: view.name, feature, readAs }, keyTypes, place: where }];
  });
}

function resolveReadAs(entry: Entry, view: FeatureView, place: Place, mistakes: Mistakes): string[] {
  const keys = view.joinKeys.map(({ name }) => name);
  for (const key of entry.joinKeys.keys()) {
    if (keys.includes(key)) continue;
    mistakes.add(
      at(place, 'joinKeys', key),
      show(key),
      `a join key of ${view.name}: ${oneOf(keys)}`,
      nearestName(key, keys),
    );
  }
  const readAs = keys.map((key) => entry.joinKeys.get(key) ?? key);
  const twice = readAs.find((name, i) => readAs.indexOf(name) !== i);
  if (twice !== undefined && entry.joinKeys.size > 0)
    mistakes.add(at(place, 'joinKeys'), `two join keys of ${view.name} read as ${twice}`, 'a different name for each');
  return readAs;
}

function refuseCollisions(resolved: readonly Resolved[], mistakes: Mistakes): void {
  // Engines and file systems may not tell names apart by case alone.
  const owners = new Map<string, string>();
  for (const { feature, place } of resolved) {
    const owner = owners.get(feature.name.toLowerCase());
    const found = `output name ${feature.name}, which ${owner} has already`;
    if (owner === undefined) owners.set(feature.name.toLowerCase(), `${feature.view}:${feature.feature}`);
    else mistakes.add(place, found, 'every output name once (a prefix makes another)');
  }
}

/** One label column cannot be read as two types, nor be named like a feature. */
function checkLabelColumns(resolved: readonly Resolved[], mistakes: Mistakes): void {
  const outputs = new Set(resolved.map(({ feature }) => feature.name));
  const types = new Map<string, { readonly type: JoinKeyType; readonly view: string }>();
  const told = new Set<string>();
  for (const { feature, keyTypes, place } of resolved) {
    for (const [i, label] of feature.readAs.entries()) {
      const type = keyTypes[i];
      const other = types.get(label);
      if (type === undefined || told.has(`${feature.view} ${label}`)) continue;
      if (other === undefined) types.set(label, { type, view: feature.view });
      else if (other.type !== type) refuseTypes(label, { type, view: feature.view }, other, place, mistakes);
      if (outputs.has(label))
        mistakes.add(
          place,
          `join key ${label} of ${feature.view}, which is also an output name`,
          'another prefix, or another name in joinKeys',
        );
      told.add(`${feature.view} ${label}`);
    }
  }
}

interface LabelUse {
  readonly type: JoinKeyType;
  readonly view: string;
}

function refuseTypes(label: string, use: LabelUse, other: LabelUse, place: Place, mistakes: Mistakes): void {
  const found = `${label}, read as ${use.type} by ${use.view} and as ${other.type} by ${other.view}`;
  mistakes.add(place, found, 'one type for each name (joinKeys reads a key under another name)');
}
