// TypeScript and JavaScript definition files: every export that is a definition, a list of them, or a whole
// `{ entities, sources, featureViews, featureServices }`. The same object exported twice (by name and in a list, or again
// by an index file) counts once. A process loads a module once: a changed file needs a new process.
import { pathToFileURL } from 'node:url';
import { builtFor, DEFINITION_LISTS, type DefinitionList } from '../../schemas/builders.ts';
import { VIEW_KINDS } from '../../schemas/definitions.ts';
import { SOURCE_KINDS } from '../../schemas/sources.ts';
import { importModule, UnsettledModule } from './import-module.ts';
import { at, type Mistakes, type Place, type Position } from './mistakes.ts';
import { isObject, type RawDefinition, splitDefinitions } from './raw-definitions.ts';

/** `seen`: the objects that were found so far, over all files. */
export async function readModuleDefinitions(
  path: string,
  place: Place,
  mistakes: Mistakes,
  seen: Set<unknown>,
): Promise<RawDefinition[]> {
  const exported = await exportsOf(path, place, mistakes);
  return Object.entries(exported)
    .flatMap(([name, value]) => fromExport(value, at(place, name), name === 'default', mistakes))
    .filter(({ value }) => isFirst(value, seen));
}

function isFirst(value: unknown, seen: Set<unknown>): boolean {
  if (!isObject(value)) return true;
  const first = !seen.has(value);
  seen.add(value);
  return first;
}

async function exportsOf(path: string, place: Place, mistakes: Mistakes): Promise<Readonly<Record<string, unknown>>> {
  try {
    const module: unknown = await importModule(path);
    return isObject(module) ? module : {};
  } catch (error) {
    if (error instanceof UnsettledModule) {
      mistakes.add(place, error.message, 'a module that loads and leaves nothing running');
      return {};
    }
    const position = thrownAt(error, path);
    mistakes.add(
      { ...place, locate: () => position },
      `the module failed to load: ${errorText(error)}`,
      'a module that loads',
    );
    return {};
  }
}

/** Where in the module, as far as the stack says: `<path>:<line>` or `<path>:<line>:<column>`. */
function thrownAt(error: unknown, path: string): Position | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const named = [path, pathToFileURL(path).href].map((text) => stack.indexOf(`${text}:`)).filter((index) => index >= 0);
  const match = /\.\w+:(\d+)(?::(\d+))?/.exec(stack.slice(Math.min(...named)));
  return match === null || named.length === 0 ? null : { line: Number(match[1]), column: Number(match[2] ?? 1) };
}

const errorText = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).trim();

/** Constants and functions beside definitions are none of our business; what claims to be a definition is. */
function fromExport(value: unknown, place: Place, isDefault: boolean, mistakes: Mistakes): RawDefinition[] {
  if (Array.isArray(value))
    return value.flatMap((item: unknown, i) => fromExport(item, at(place, i), isDefault, mistakes));
  if (!isObject(value)) {
    if (isDefault) mistakes.add(place, `a ${typeof value}`, EXPECTED);
    return [];
  }
  if (isWhole(value)) return splitDefinitions(value, place, mistakes);
  const list = builtFor(value) ?? listByShape(value);
  if (list !== null) return [{ list, value, place }];
  if (isDefault || 'name' in value) mistakes.add(place, 'an object that is no definition', EXPECTED);
  return [];
}

const EXPECTED =
  'what defineEntity, defineSource, defineFeatureView or defineFeatureService answer, a list of them, or an object with entities, sources, featureViews, featureServices';

const isWhole = (value: Readonly<Record<string, unknown>>): boolean =>
  builtFor(value) === null && !('name' in value) && DEFINITION_LISTS.some((list) => list in value);

/** For objects written without a builder. */
function listByShape(value: Readonly<Record<string, unknown>>): DefinitionList | null {
  if (!('name' in value)) return null;
  if ('timestampColumn' in value || SOURCE_KINDS.some((kind) => kind === value.kind)) return 'sources';
  if ('source' in value || VIEW_KINDS.some((kind) => kind === value.kind)) return 'featureViews';
  if (Array.isArray(value.joinKeys)) return 'entities';
  return Array.isArray(value.features) ? 'featureServices' : null;
}
