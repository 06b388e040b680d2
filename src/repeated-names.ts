// JSON objects that have one name twice. JSON.parse keeps the last of them without a word.
import { PlumbError } from '../schemas/errors.ts';

/**
 * `text` is well-formed and `value` what it says. Colons are counted first, which costs little: a name that was dropped
 * leaves its colon in the text. Only where the counts differ, or an escape may hide a colon, names are compared.
 */
export function refuseRepeatedNames(text: string, value: unknown, what: string): void {
  if (!text.includes('\\u') && colonsIn(text) === colonsOf(value)) return;
  const found = repeatedName(text);
  if (found === null) return;
  const before = text.slice(0, found.position);
  const line = before.split('\n').length;
  const column = found.position - before.lastIndexOf('\n');
  const name = found.name.length > 60 ? `${found.name.slice(0, 60)}…` : found.name;
  throw new PlumbError(
    'INVALID_REQUEST',
    `${what} has the name ${JSON.stringify(name)} twice in one object, again at line ${line}, column ${column}; expected every name once`,
    { details: { position: found.position, line, column } },
  );
}

function colonsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) count += 1;
  return count;
}

/** With a stack of its own: a body may nest deeper than functions may. */
function colonsOf(value: unknown): number {
  const open: unknown[] = [value];
  let count = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') count += colonsIn(next);
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) for (const name of Object.keys(next)) count += 1 + colonsIn(name);
    for (const inner of Object.values(next)) if (isCounted(inner)) open.push(inner);
  }
  return count;
}

const isCounted = (value: unknown): boolean => typeof value === 'string' || typeof value === 'object';

function repeatedName(text: string): { readonly name: string; readonly position: number } | null {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '{') open.push(new Set());
    else if (sign === '[') open.push(null);
    else if (sign === '}' || sign === ']') open.pop();
    else if (sign === '"') {
      const end = stringEnd(text, at);
      const names = open.at(-1);
      if (names !== null && names !== undefined && isName(text, end)) {
        const name = JSON.parse(text.slice(at, end)) as string;
        if (names.has(name)) return { name, position: at };
        names.add(name);
      }
      at = end - 1;
    }
  }
  return null;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (' \t\n\r'.includes(text[at] ?? 'x')) at += 1;
  return text[at] === ':';
}
