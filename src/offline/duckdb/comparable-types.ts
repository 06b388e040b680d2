// Which physical types can hold equal values, for the search of leaked targets (offline/leaks.ts).
const NUMBER = /^(BOOLEAN|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*)$/;

/** What both are compared as; null where they cannot be equal. */
export function commonType(left: string, right: string): string | null {
  const both = (pattern: RegExp): boolean => pattern.test(left) && pattern.test(right);
  if (both(NUMBER)) return left === 'FLOAT' || right === 'FLOAT' ? 'FLOAT' : 'DOUBLE';
  if (both(/^VARCHAR$/)) return 'VARCHAR';
  return both(/^(TIMESTAMP|DATE)/) ? 'TIMESTAMP' : null;
}
