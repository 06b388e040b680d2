// Mistakes in the project file, all at once, in the same form as those in definitions.
import { PlumbError } from '../../schemas/errors.ts';
import { type ContractMistake, formatPath } from '../contract-mistakes.ts';

export interface ConfigMistake {
  /** The project file, or `environment`. */
  readonly file: string;
  /** A key such as `server.port`, or the name of a variable; empty for the whole file. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  readonly nearest: string | null;
}

/** `setBy`: path of a key → the variable that set it. */
export function placeMistake(
  mistake: ContractMistake,
  file: string,
  setBy: ReadonlyMap<string, string>,
): ConfigMistake {
  const { found, expected, nearest } = mistake;
  const path = formatPath(mistake.path);
  const variable = setBy.get(path);
  return { file: variable === undefined ? file : 'environment', path: variable ?? path, found, expected, nearest };
}

export function invalidConfig(file: string, issues: readonly ConfigMistake[]): PlumbError {
  const count = issues.length === 1 ? '1 mistake' : `${issues.length} mistakes`;
  const text = [`${count} in the project file`, ...issues.map(paragraph)].join('\n\n');
  return new PlumbError('INVALID_CONFIG', text, { details: { file, issues } });
}

function paragraph({ file, path, found, expected, nearest }: ConfigMistake): string {
  const near = nearest === null ? '' : `\n  nearest: ${nearest}`;
  return `${file}${path === '' ? '' : ` ${path}`}\n  found: ${found}\n  expected: ${expected}${near}`;
}
