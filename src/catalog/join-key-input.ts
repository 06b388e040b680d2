// Join key values of a request → typed values. A value must convert without loss to the declared type, or it is refused
// with its place; extra fields are ignored.
import { PlumbError } from '../../schemas/errors.ts';
import type { JoinKeyType, Value } from '../../schemas/types.ts';
import { nearestName } from '../nearest.ts';
import { quote, quoteInteger } from '../quote.ts';

export type RequestEntity = Readonly<Record<string, unknown>>;

type JoinKeyValue = null | boolean | number | bigint | string;

/** Typed join key values in order; null where one of them is null, which matches nothing. */
export type ReadJoinKeys = (entity: RequestEntity, index: number) => readonly Value[] | null;

export interface RequestedKey {
  /** The name it is read under. */
  readonly name: string;
  readonly type: JoinKeyType;
  /** Of a text. Default: as many as a lookup takes. */
  readonly mostCharacters?: number;
}

export function joinKeyReader(keys: readonly RequestedKey[]): ReadJoinKeys {
  return (entity, index) => {
    const values = keys.map((key) => readJoinKey(entity, index, key));
    return values.includes(null) ? null : values;
  };
}

/** A null stays null. */
export function readJoinKey(entity: RequestEntity, index: number, key: RequestedKey): JoinKeyValue {
  const { name, type, mostCharacters = MOST_KEY_CHARACTERS } = key;
  const found = Object.hasOwn(entity, name) ? entity[name] : undefined;
  if (found === null) return null;
  const value = CONVERT[type](found, mostCharacters);
  if (value !== undefined) return value;
  const path = `$.entities[${index}].${name}`;
  const expected = type === 'string' ? expectedText(mostCharacters) : EXPECTED[type];
  const hint = found === undefined ? misspeltHint(entity, name) : '';
  throw new PlumbError('INVALID_REQUEST', `${path}: found ${describe(found)}, expected ${expected}${hint}`, {
    details: { path, found: describe(found), expected },
  });
}

/** Fields that no key is called are ignored; of more than these none is looked at. */
const MOST_FIELDS = 100;

function misspeltHint(entity: RequestEntity, name: string): string {
  const fields = Object.keys(entity).slice(0, MOST_FIELDS);
  const near = nearestName(name, fields) ?? (fields.length === 1 ? fields[0] : undefined);
  return near === undefined ? '' : `; is ${quote(near)} a misspelt ${quote(name)}?`;
}

/** Keys are copied, compared and hashed for every view. */
const MOST_KEY_CHARACTERS = 10_000;

const expectedText = (mostCharacters: number): string =>
  Number.isFinite(mostCharacters)
    ? `a string of at most ${mostCharacters} characters`
    : 'a string in well-formed Unicode';

const EXPECTED: Readonly<Record<Exclude<JoinKeyType, 'string'>, string>> = {
  bool: 'true or false',
  int32: 'an int32, an integer from -2147483648 to 2147483647',
  int64: 'an int64, an integer from -9223372036854775808 to 9223372036854775807',
};

/** undefined: does not convert. */
const CONVERT: Readonly<Record<JoinKeyType, (found: unknown, mostCharacters: number) => JoinKeyValue | undefined>> = {
  // A lone surrogate has no UTF-8 form, and replacing it would make different keys equal.
  string: (found, mostCharacters) =>
    typeof found === 'string' && found.length <= mostCharacters && found.isWellFormed() ? found : undefined,
  bool: (found) => (typeof found === 'boolean' ? found : undefined),
  int32: (found) => {
    const integer = toInteger(found);
    return typeof integer === 'number' && (integer | 0) === integer ? integer : undefined;
  },
  int64: (found) => {
    const integer = toInteger(found);
    return typeof integer === 'bigint' && BigInt.asIntN(64, integer) !== integer ? undefined : integer;
  },
};

/** No int64 has more than 19 digits. */
const INTEGER = /^-?(?:0|[1-9]\d{0,18})$/;

/** A number wherever one holds it exactly, so that equal keys are equal values; a bigint costs several times as much. */
function toInteger(found: unknown): number | bigint | undefined {
  if (typeof found === 'number') return Number.isSafeInteger(found) ? found + 0 : undefined;
  if (typeof found === 'bigint') return smallest(found);
  return typeof found === 'string' && INTEGER.test(found) ? smallest(BigInt(found)) : undefined;
}

function smallest(integer: bigint): number | bigint {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

function describe(found: unknown): string {
  if (found === undefined) return 'nothing';
  if (typeof found === 'bigint') return quoteInteger(found);
  if (typeof found === 'object') return Array.isArray(found) ? 'a list' : 'an object';
  if (typeof found !== 'string') return String(found);
  const length = found.length > MOST_KEY_CHARACTERS ? ` of ${found.length} characters` : '';
  return `${quote(found)}${length}`;
}
