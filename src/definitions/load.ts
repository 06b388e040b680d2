// Reads every definition file of a project. Asks no contract and resolves nothing: that is resolve.ts.
import { realpath } from 'node:fs/promises';
import { dirname, extname, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findDefinitionFiles, MODULE_ENDINGS, TEXT_ENDINGS } from './find-definition-files.ts';
import type { Mistakes, Place } from './mistakes.ts';
import type { RawDefinition } from './raw-definitions.ts';
import { readModuleDefinitions } from './read-module-definitions.ts';
import { readTextDefinitions } from './read-text-definitions.ts';
import { withSchemasResolved } from './schemas-resolve-hook.ts';

/**
 * `root`: absolute path of the definitions folder, or of one file. `projectFolder`: what files are named relative to.
 * What cannot be read is added to `mistakes`; the rest is answered, in order of paths.
 */
export async function loadDefinitions(
  root: string,
  projectFolder: string,
  mistakes: Mistakes,
): Promise<RawDefinition[]> {
  const base = await realpath(projectFolder);
  const placeOf = (path: string): Place => ({
    file: shownPath(base, path),
    path: [],
    object: null,
    locate: () => null,
  });
  const files = await findDefinitionFiles(root, placeOf, mistakes);
  const rootUrl = pathToFileURL(
    files.length === 1 ? dirname(files[0] ?? root) : await realpath(root).catch(() => root),
  ).href;
  return withSchemasResolved(`${rootUrl}/`, () => readFiles(files, placeOf, mistakes));
}

async function readFiles(
  files: readonly string[],
  placeOf: (path: string) => Place,
  mistakes: Mistakes,
): Promise<RawDefinition[]> {
  const definitions: RawDefinition[] = [];
  const seen = new Set<unknown>();
  for (const path of files) definitions.push(...(await readFileDefinitions(path, placeOf(path), mistakes, seen)));
  return definitions;
}

async function readFileDefinitions(
  path: string,
  place: Place,
  mistakes: Mistakes,
  seen: Set<unknown>,
): Promise<RawDefinition[]> {
  const ending = extname(path);
  if (MODULE_ENDINGS.includes(ending)) return readModuleDefinitions(path, place, mistakes, seen);
  if (!TEXT_ENDINGS.includes(ending)) {
    mistakes.add(place, `the ending "${ending}"`, [...TEXT_ENDINGS, ...MODULE_ENDINGS].join(' '));
    return [];
  }
  try {
    return await readTextDefinitions(path, place, mistakes);
  } catch (error) {
    mistakes.add(place, error instanceof Error ? error.message : String(error), 'a file that can be read');
    return [];
  }
}

function shownPath(base: string, path: string): string {
  const shown = relative(base, path);
  return shown.startsWith('..') ? path : shown.split(sep).join('/');
}
