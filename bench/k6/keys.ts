// Random join keys, from their description in the variable KEYS:
//   user_id=int64:1..100000,country=string:US|DE|FR,device=string:dev-1..5000,is_member=bool
export type KeyValue = number | string | boolean;

export interface Key {
  readonly name: string;
  draw(): KeyValue;
}

/** JavaScript numbers are exact up to here, and k6 has no other way to write one. */
const LARGEST = 2 ** 53 - 1;
const LARGEST_INT32 = 2 ** 31 - 1;

/** null where `text` is no such description. */
export function parseKeys(text: string): readonly Key[] | null {
  const keys = text.split(',').map(parseKey);
  const names = new Set(keys.map((key) => key?.name));
  return keys.includes(null) || names.size !== keys.length ? null : keys.filter((key) => key !== null);
}

function parseKey(text: string): Key | null {
  const [, name = '', type = '', values = ''] = /^\s*(\w+)=(\w+)(?::(.+?))?\s*$/.exec(text) ?? [];
  const draw = drawOf(type, values);
  return draw === null ? null : { name, draw };
}

function drawOf(type: string, values: string): (() => KeyValue) | null {
  if (type === 'bool') return values === '' ? () => Math.random() < 0.5 : null;
  if (type === 'int64') return integers(values, LARGEST);
  if (type === 'int32') return integers(values, LARGEST_INT32);
  return type === 'string' ? strings(values) : null;
}

function integers(values: string, largest: number): (() => number) | null {
  const [, from = '', to = ''] = /^(-?\d+)\.\.(-?\d+)$/.exec(values) ?? [];
  const inside = Math.abs(Number(from)) <= largest && Math.abs(Number(to)) <= largest;
  return from !== '' && inside && Number(from) <= Number(to) ? between(Number(from), Number(to)) : null;
}

/** `dev-1..5000` is dev-1 to dev-5000; otherwise one of `A|B|C`. */
function strings(values: string): (() => string) | null {
  const [, prefix = '', from = '', to = ''] = /^(.*?)(\d+)\.\.(\d+)$/.exec(values) ?? [];
  if (from === '') {
    const choices = values.split('|');
    const pick = between(0, choices.length - 1);
    return values === '' ? null : () => choices[pick()] ?? '';
  }
  const draw = Number(from) <= Number(to) && Number(to) <= LARGEST ? between(Number(from), Number(to)) : null;
  return draw === null ? null : () => `${prefix}${draw()}`;
}

const between = (from: number, to: number) => (): number => from + Math.floor(Math.random() * (to - from + 1));
