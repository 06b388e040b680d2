// The nearest valid name to one that a user mistyped.
import { distance } from 'fastest-levenshtein';

/** Null where nothing is near. Of equally near names one with the same letters wins (`int46`: int64, not int32). */
export function nearestName(found: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestRank = 2 * mostEdits(found.length) + 1;
  for (const candidate of candidates) {
    // One edit for each character more or less: a far longer text is not looked at.
    if (2 * Math.abs(candidate.length - found.length) > bestRank) continue;
    const edits = distance(found.toLowerCase(), candidate.toLowerCase());
    const rank = 2 * edits - (lettersOf(found) === lettersOf(candidate) ? 1 : 0);
    if (rank < bestRank) [best, bestRank] = [candidate, rank];
  }
  return best;
}

const mostEdits = (length: number): number => (length <= 3 ? 1 : length <= 8 ? 2 : 3);
const lettersOf = (name: string): string => [...name.toLowerCase()].toSorted().join('');

const MOST_NAMES = 12;

/** `a, b or c` in their order; a long list ends in how many more there are. */
export function oneOf(names: Iterable<string>): string {
  const all = [...names];
  if (all.length <= 1) return all[0] ?? 'nothing';
  if (all.length > MOST_NAMES) return `${all.slice(0, MOST_NAMES).join(', ')} or ${all.length - MOST_NAMES} more`;
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}
