// Raw definitions → contract-checked ones. One object's mistakes do not hide those of others, nor one feature's those of
// the rest of its view: what is sound of a faulty object goes on to be resolved, so that all mistakes are told at once.
import { DEFINITION_LISTS, type DefinitionList } from '../../schemas/builders.ts';
import {
  type EntityDefinition,
  entitySchema,
  type FeatureServiceDefinition,
  type FeatureViewDefinition,
  featureServiceSchema,
  featureViewSchema,
} from '../../schemas/definitions.ts';
import { BUILT_SOURCE_KINDS, SOURCE_KINDS, type SourceDefinition, sourceSchema } from '../../schemas/sources.ts';
import { type ContractMistake, type MistakePath, parseContract, show } from '../contract-mistakes.ts';
import { oneOf } from '../nearest.ts';
import { withOurAggregate } from './aggregates-elsewhere.ts';
import { at, type Mistakes, named, type Place } from './mistakes.ts';
import { isObject, OBJECT_KINDS, type RawDefinition } from './raw-definitions.ts';
import { withReason } from './refused-keys.ts';

export interface Parsed<T> {
  readonly value: T;
  readonly place: Place;
  /** Places of `value.features`, in its order. */
  readonly featurePlaces: readonly Place[];
  /** Names of all its features as written, those with mistakes too. */
  readonly featureNames: ReadonlySet<string>;
}

export interface ParsedDefinitions {
  readonly entities: readonly Parsed<EntityDefinition>[];
  readonly sources: readonly Parsed<SourceDefinition>[];
  readonly featureViews: readonly Parsed<FeatureViewDefinition>[];
  readonly featureServices: readonly Parsed<FeatureServiceDefinition>[];
  /** Names of all objects as written, so that a reference to a faulty one is not called unknown. */
  readonly names: Readonly<Record<DefinitionList, ReadonlySet<string>>>;
}

export function parseDefinitions(raws: readonly RawDefinition[], mistakes: Mistakes): ParsedDefinitions {
  const ofList = (list: DefinitionList) => raws.filter((raw) => raw.list === list);
  const namesOf = (list: DefinitionList) => new Set(ofList(list).flatMap(({ value }) => nameOf(value) ?? []));
  for (const list of DEFINITION_LISTS) refuseDuplicates(ofList(list), mistakes);
  const sources = ofList('sources').filter((raw) => isSupportedSource(raw, mistakes));
  return {
    entities: ofList('entities').flatMap((raw) => parseOne(entitySchema, raw, mistakes)),
    sources: sources.flatMap((raw) => parseOne(sourceSchema, raw, mistakes)),
    featureViews: ofList('featureViews').flatMap((raw) => parseOne(featureViewSchema, raw, mistakes)),
    featureServices: ofList('featureServices').flatMap((raw) => parseOne(featureServiceSchema, raw, mistakes)),
    names: {
      entities: namesOf('entities'),
      sources: namesOf('sources'),
      featureViews: namesOf('featureViews'),
      featureServices: namesOf('featureServices'),
    },
  };
}

const nameOf = (value: unknown): string | null =>
  isObject(value) && typeof value.name === 'string' ? value.name : null;

function refuseDuplicates(raws: readonly RawDefinition[], mistakes: Mistakes): void {
  const first = new Map<string, Place>();
  for (const { list, value, place } of raws) {
    const name = nameOf(value);
    if (name === null) continue;
    const other = first.get(name);
    if (other === undefined) first.set(name, place);
    else refuseDuplicate(name, OBJECT_KINDS[list], place, other, mistakes);
  }
}

function refuseDuplicate(name: string, kind: string, place: Place, other: Place, mistakes: Mistakes): void {
  const line = other.locate(other.path)?.line;
  const where = line === undefined ? other.file : `${other.file}:${line}`;
  mistakes.add(
    named(at(place, 'name'), kind, name),
    `${show(name)}, which is defined in ${where} already`,
    `a name that no other ${kind} has`,
  );
}

function isSupportedSource({ value, place }: RawDefinition, mistakes: Mistakes): boolean {
  const kind = isObject(value) ? SOURCE_KINDS.find((known) => known === value.kind) : undefined;
  if (kind === undefined || BUILT_SOURCE_KINDS.some((built) => built === kind)) return true;
  const expected = `${oneOf(BUILT_SOURCE_KINDS)}: sources of kind ${kind} are not supported yet`;
  mistakes.add(named(at(place, 'kind'), 'source', nameOf(value)), show(kind), expected);
  return false;
}

type Contract<T> = Parameters<typeof parseContract<T>>[0];

function parseOne<T>(contract: Contract<T>, raw: RawDefinition, mistakes: Mistakes): Parsed<T>[] {
  const place = named(raw.place, OBJECT_KINDS[raw.list], nameOf(raw.value));
  const features = featuresOf(raw.value);
  const featurePlaces = features.map((feature, i) => named(at(place, 'features', i), 'feature', nameOf(feature)));
  const featureNames = new Set(features.flatMap((feature) => nameOf(feature) ?? []));
  const result = parseContract(contract, raw.value);
  if (result.ok) return [{ value: result.value, place, featurePlaces, featureNames }];
  for (const mistake of result.mistakes) {
    const { path, found, expected, nearest } = withOurAggregate(withReason(mistake, raw.value));
    const object = (isFeaturePath(path) ? featurePlaces[path[1]] : undefined) ?? place;
    mistakes.add({ ...object, path: [...place.path, ...path] }, found, expected, nearest);
  }
  const sound = soundPart(raw.value, result.mistakes);
  const again = sound === null ? null : parseContract(contract, sound.value);
  if (sound === null || again?.ok !== true) return [];
  const soundPlaces = featurePlaces.filter((_, i) => !sound.faulty.has(i));
  return [{ value: again.value, place, featurePlaces: soundPlaces, featureNames }];
}

const featuresOf = (value: unknown): readonly unknown[] =>
  isObject(value) && Array.isArray(value.features) ? value.features : [];

const isFeaturePath = (path: MistakePath): path is readonly ['features', number] =>
  path[0] === 'features' && typeof path[1] === 'number';

interface SoundPart {
  readonly value: unknown;
  /** Indexes of the features that are left out. */
  readonly faulty: ReadonlySet<number>;
}

/** The object without unknown keys and faulty features; null where something else is wrong. */
function soundPart(value: unknown, found: readonly ContractMistake[]): SoundPart | null {
  if (!isObject(value)) return null;
  const faulty = new Set<number>();
  const unknownKeys = new Set<unknown>();
  for (const { kind, path } of found) {
    if (isFeaturePath(path)) faulty.add(path[1]);
    else if (kind === 'unknown_key' && path.length === 1) unknownKeys.add(path[0]);
    else return null;
  }
  const kept = Object.fromEntries(Object.entries(value).filter(([key]) => !unknownKeys.has(key)));
  if (faulty.size === 0) return { value: kept, faulty };
  return { value: { ...kept, features: featuresOf(value).filter((_, i) => !faulty.has(i)) }, faulty };
}
