// How a file is named in words for users: below the folder that its source names, and never by the folders of the machine.
import { basename, isAbsolute } from 'node:path';
import type { Source } from '../../catalog/catalog.ts';
import { escaped, text } from './names.ts';

const WILDCARD = /[*?[{]/;

/**
 * SQL text of the path in `file`, an SQL text too: `data/clicks/dt=2026-01-01/part-0.jsonl` of a source whose path is
 * `data/clicks/**`; the name alone where the source names no folder, or the file is a copy that lies elsewhere.
 */
export function fileNameSql({ path }: Pick<Source, 'path'>, file: string): string {
  const name = `regexp_extract(${file}, '[^/]*$')`;
  const parts = path.split('/');
  const fixed = parts.slice(0, -1).slice(0, firstWildcard(parts)).join('/');
  const folder = isAbsolute(path) || path.includes('://') ? basename(fixed) : fixed.replace(/^\.\//, '');
  if (folder === '' || folder === '.' || folder.startsWith('..')) return name;
  const below = `regexp_extract(${file}, ${text(`.*/(${escaped(folder)}/.*)$`)}, 1)`;
  return `coalesce(nullif(${below}, ''), ${name})`;
}

function firstWildcard(parts: readonly string[]): number {
  const index = parts.findIndex((part) => WILDCARD.test(part));
  return index < 0 ? parts.length : index;
}
