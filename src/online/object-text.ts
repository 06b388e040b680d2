// The text of a map or a struct, `{"a":1,"b":null}`, taken apart without making an object of it: an object would put keys that
// look like integers first. Values are scalars, so the first comma outside of quotes ends one.

export interface EntryText {
  /** Quoted, as it stands there. */
  readonly key: string;
  readonly value: string;
}

/** Throws a SyntaxError where the text is none of this form. */
export function entriesOf(text: string): EntryText[] {
  const last = text.length - 1;
  if (text[0] !== '{' || text[last] !== '}' || last === 0) throw notObject(text);
  const entries: EntryText[] = [];
  for (let at = 1; at < last; ) {
    const keyEnd = quotedEnd(text, at);
    if (text[at] !== '"' || text[keyEnd] !== ':') throw notObject(text);
    const start = keyEnd + 1;
    const end = valueEnd(text, start, last);
    entries.push({ key: text.slice(at, keyEnd), value: text.slice(start, end) });
    at = end + 1;
  }
  return entries;
}

export const textOfEntries = (entries: readonly EntryText[]): string =>
  `{${entries.map(({ key, value }) => `${key}:${value}`).join(',')}}`;

const notObject = (text: string): SyntaxError => new SyntaxError(`found ${text.slice(0, 100)}, expected an object`);

function valueEnd(text: string, start: number, last: number): number {
  if (text[start] === '"') return quotedEnd(text, start);
  const comma = text.indexOf(',', start);
  return comma < 0 ? last : comma;
}

/** After the closing quote. */
function quotedEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
