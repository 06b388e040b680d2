// Source files that changed, or went, where incremental runs do not look any more: told until a run reads everything.
import { formatInstant } from '../instant.ts';
import type { RunManifest, UnreadFiles } from '../offline/manifest-run.ts';
import type { SourceFile } from '../storage/source-files.ts';

const MOST_KEPT = 20;

export interface Unread {
  /** Paths that came or changed since the last run and hold rows that this run did not look at. */
  readonly changed: readonly string[];
  readonly gone: readonly string[];
  /** Rows before this event time were not looked at. */
  readonly beforeMicros: bigint;
}

const NOTHING = { changed: [], gone: [] } as const;

/** Paths of files that came or changed since that run, and of those that went. */
export function changedSince(
  last: RunManifest,
  source: string,
  files: readonly SourceFile[],
): { readonly changed: readonly SourceFile[]; readonly gone: readonly string[] } {
  const before = last.sources.find(({ name }) => name === source)?.files ?? [];
  const known = new Map(before.map(({ path, identity }) => [path, identity]));
  const present = new Set(files.map(({ path }) => path));
  return {
    changed: files.filter(({ path, identity }) => known.get(path) !== identity),
    gone: [...known.keys()].filter((path) => !present.has(path)),
  };
}

/** What the runs before left unread, and this one; undefined where that is nothing. */
export function addUnread(before: UnreadFiles | undefined, found: Unread | null): UnreadFiles | undefined {
  if (found === null || found.changed.length + found.gone.length === 0) return before;
  const told = before ?? { ...NOTHING, total: 0, before: '' };
  const isNew = (path: string): boolean => !told.changed.includes(path) && !told.gone.includes(path);
  return {
    changed: union(told.changed, found.changed).filter((path) => !found.gone.includes(path)),
    gone: union(told.gone, found.gone),
    total: told.total + [...found.changed, ...found.gone].filter(isNew).length,
    before: formatInstant(found.beforeMicros),
  };
}

const union = (known: readonly string[], added: readonly string[]): readonly string[] =>
  [...new Set([...known, ...added])].slice(0, MOST_KEPT);

/** One sentence or two, and what to do. */
export function unreadText(view: string, { changed, gone, total, before }: UnreadFiles): string {
  const more = total - changed.length - gone.length;
  const sentences = [
    ...(changed.length === 0
      ? []
      : [`${changed.join(', ')} changed and hold rows before ${before}, which were not read`]),
    ...(gone.length === 0 ? [] : [`${gone.join(', ')} are gone; their rows stay`]),
    ...(more <= 0 ? [] : [`${more} more files changed or are gone`]),
  ];
  return `${sentences.join('; ')}. Run \`plumb materialize ${view} --full\` to build ${view} from all rows`;
}
