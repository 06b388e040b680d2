// What users say of labels without a file → the view and its grid.
import { PlumbError } from '../../schemas/errors.ts';
import { parseDuration, requireInstant } from '../instant.ts';
import { gridAt } from '../plan/plan-keys.ts';
import type { KeysOf } from './dataset.ts';

export interface KeysOfWords {
  readonly view: string;
  readonly at?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly every?: string | undefined;
}

/** What errors call the words. */
type Paths = Readonly<Record<'at' | 'from' | 'to' | 'every', string>>;

/** `instant` reads one; default: RFC 3339. INVALID_REQUEST unless there is either `at`, or `from`, `to` and `every`. */
export function keysOf(
  { view, at, from, to, every }: KeysOfWords,
  paths: Paths,
  instant: (text: string, path: string) => bigint = requireInstant,
): KeysOf {
  const hasGrid = [from, to, every].map((word) => word !== undefined);
  if (at !== undefined && !hasGrid.includes(true)) return { kind: 'keys', view, grid: gridAt(instant(at, paths.at)) };
  if (at !== undefined || from === undefined || to === undefined || every === undefined)
    throw new PlumbError(
      'INVALID_REQUEST',
      `the keys of ${view} need either ${paths.at}, or ${paths.from}, ${paths.to} and ${paths.every}`,
    );
  const everyMicros = parseDuration(every);
  if (everyMicros === null)
    throw new PlumbError(
      'INVALID_REQUEST',
      `${paths.every}: found ${JSON.stringify(every)}, expected a duration such as 1d`,
      { details: { path: paths.every } },
    );
  const grid = { fromMicros: instant(from, paths.from), toMicros: instant(to, paths.to), everyMicros };
  return { kind: 'keys', view, grid };
}
