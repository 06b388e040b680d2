// A definition as read from a file, before any contract was asked: a value, the list it belongs to, and its place.
import { DEFINITION_LISTS, type DefinitionList } from '../../schemas/builders.ts';
import { show } from '../contract-mistakes.ts';
import { nearestName, oneOf } from '../nearest.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';

export interface RawDefinition {
  readonly list: DefinitionList;
  readonly value: unknown;
  readonly place: Place;
}

export const OBJECT_KINDS: Readonly<Record<DefinitionList, string>> = {
  entities: 'entity',
  sources: 'source',
  featureViews: 'feature view',
  featureServices: 'feature service',
};

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parts `{ entities, sources, featureViews, featureServices }`. Absent, empty and null lists are empty. */
export function splitDefinitions(value: unknown, place: Place, mistakes: Mistakes): RawDefinition[] {
  refuseProto(value, place, mistakes);
  if (value === null || value === undefined) return [];
  if (!isObject(value)) {
    mistakes.add(place, show(value), `an object with ${oneOf(DEFINITION_LISTS)}`);
    return [];
  }
  for (const key of Object.keys(value)) {
    if (DEFINITION_LISTS.some((list) => list === key)) continue;
    mistakes.add(
      at(place, key),
      `the unknown key ${show(key)}`,
      oneOf(DEFINITION_LISTS),
      nearestName(key, DEFINITION_LISTS),
    );
  }
  return DEFINITION_LISTS.flatMap((list) => splitList(list, value[list], at(place, list), mistakes));
}

function splitList(list: DefinitionList, value: unknown, place: Place, mistakes: Mistakes): RawDefinition[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.map((item: unknown, i) => ({ list, value: item, place: at(place, i) }));
  mistakes.add(place, show(value), 'a list');
  return [];
}

/** Contracts pass it over without a word, because it is no ordinary name of an object. */
function refuseProto(value: unknown, place: Place, mistakes: Mistakes, depth = 0): void {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
  if (Object.hasOwn(value, '__proto__'))
    mistakes.add(at(place, '__proto__'), 'the name __proto__', 'another name: this one cannot be kept');
  for (const [key, inner] of Object.entries(value))
    if (key !== '__proto__')
      refuseProto(inner, at(place, Array.isArray(value) ? Number(key) : key), mistakes, depth + 1);
}

/** Definitions nest less deeply; a value of TypeScript may refer to itself. */
const DEEPEST = 8;
