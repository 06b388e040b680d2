// What a request got wrong: a contract's mistakes → one INVALID_REQUEST that names the place.
import type { z } from 'zod';
import { PlumbError } from '../../schemas/errors.ts';
import { type ContractMistake, formatPath, parseContract } from '../contract-mistakes.ts';
import { shorten } from '../quote.ts';

/**
 * The parsed value; INVALID_REQUEST with the first mistake as `path`, and all of them as `issues`. `root`: `$`, `?`. `hidden`: fields
 * whose values are not repeated, because messages may be kept.
 */
export function requireContract<T>(
  contract: z.ZodType<T>,
  value: unknown,
  root: '$' | '?',
  { hidden = [] }: { readonly hidden?: readonly string[] } = {},
): T {
  const parsed = parseContract<T>(contract, value);
  if (parsed.ok) return parsed.value;
  const issues = parsed.mistakes
    .slice(0, MOST_ISSUES)
    .map((mistake) => ({ ...mistake, found: foundBut(mistake, hidden), path: placeOf(mistake, root) }));
  const [first] = issues;
  const message = issues.map(({ path, found, expected, nearest }) => {
    // A key of another branch of a union is its own nearest one.
    const hint = nearest === null || path.endsWith(`.${nearest}`) ? '' : `; did you mean ${nearest}?`;
    return `${path}: found ${found}, expected ${expected}${hint}`;
  });
  const more = parsed.mistakes.length - issues.length;
  if (more > 0) message.push(`and ${more} more mistakes`);
  throw new PlumbError('INVALID_REQUEST', message.join('\n'), {
    details: { path: first?.path, found: first?.found, expected: first?.expected, issues },
  });
}

const MOST_ISSUES = 20;

function foundBut({ kind, found, path: [field] }: ContractMistake, hidden: readonly string[]): string {
  const isHidden = hidden.includes(String(field));
  return isHidden && kind === 'value' && found !== 'nothing' ? 'another value' : found;
}

function placeOf({ path }: ContractMistake, root: '$' | '?'): string {
  const place = formatPath(path.map((part) => (typeof part === 'string' ? shorten(part) : part)));
  if (root === '?') return `?${place}`;
  return place === '' || place.startsWith('[') ? `$${place}` : `$.${place}`;
}
