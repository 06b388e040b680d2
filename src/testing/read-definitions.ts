// The definitions of a project as feature tests take them, from YAML, JSON or TypeScript files.
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { DEFINITION_LISTS } from '../../schemas/builders.ts';
import { loadDefinitions } from '../definitions/load.ts';
import { Mistakes } from '../definitions/mistakes.ts';

/** `path`: a folder of definition files, or one file. Throws INVALID_DEFINITION where a file cannot be read. */
export async function readDefinitions(path: string): Promise<DefinitionsInput> {
  const mistakes = new Mistakes();
  const raws = await loadDefinitions(path, path, mistakes);
  mistakes.throwIfAny();
  const valuesOf = (list: string): unknown[] => raws.filter((raw) => raw.list === list).map(({ value }) => value);
  // Their shapes are checked when they are evaluated.
  return Object.fromEntries(DEFINITION_LISTS.map((list) => [list, valuesOf(list)])) as DefinitionsInput;
}
