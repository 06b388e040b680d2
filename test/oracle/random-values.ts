// Random cells, as JSON: the values that break things, in the forms they may have.
import { floorTo, formatInstant, MICROS_PER_UNIT } from './instants.ts';
import type { Random } from './random.ts';
import { elementType, type Json } from './values.ts';

const STRINGS = ['a', 'b', 'click', '', 'A', 'é', 'e\u0301', '～', '😀', '日本', 'NULL', 'a"b\\c\nd', ' a'];
/** Concatenated without care, some of these pairs collide. */
const KEY_STRINGS = ['1', '12', '123', '23', '3', '', 'NULL', "O'Brien", 'a|b', 'a', 'b|', '日本', '😀', '～'];
const EXTREME_INTS = ['9223372036854775807', '-9223372036854775808', '9223372036854775806', '9007199254740993'];
const BIG_KEYS = ['9007199254740993', '9007199254740992', '-9223372036854775808', '9223372036854775807'];

export interface ValueOptions {
  readonly extremes: boolean; // ints whose sums overflow, floats beyond their squares
  readonly around: bigint; // timestamps
}

export function randomValue(random: Random, type: string, options: ValueOptions): Json {
  if (random.chance(0.2)) return null;
  const element = elementType(type);
  if (element !== undefined) {
    return Array.from({ length: random.int(0, 3) }, () => randomValue(random, element, options));
  }
  const extreme = options.extremes && random.chance(0.25);
  switch (type) {
    case 'bool':
      return random.chance(0.5);
    case 'int32':
      return extreme ? random.pick([2147483647, -2147483648]) : random.int(-3, 6);
    case 'int64':
      return extreme ? random.pick(EXTREME_INTS) : random.int(-3, 6);
    case 'float32':
      return extreme
        ? random.pick([3.4e38, -3.4e38, 1e-45])
        : random.pick([0.1, -0, 0.5, 16777216, random.int(-40, 40) / 8]);
    case 'float64':
      if (extreme) return random.pick([1e308, -1e308, 1e200, 1e15, 5e-324, -1e-310]);
      return random.pick([0, -0, 0.1, 1e-3, random.int(-40, 40) / 8, random.int(-50000, 50000) / 1000]);
    case 'string':
      return random.pick(STRINGS);
    case 'timestamp':
      return instantText(random, options.around + random.pick([0n, 1n, -1n, random.micros(10n ** 10n)]));
    case 'bytes':
      return Buffer.from(random.pick([[], [0], [127], [128], [255, 0], [1, 2, 3]])).toString('base64');
    default:
      throw new Error(`no random values of type ${type}`);
  }
}

export function randomKey(random: Random, type: string): Json {
  if (type === 'bool') return random.chance(0.5);
  if (type === 'string') return random.pick(KEY_STRINGS);
  return type === 'int64' && random.chance(0.3) ? random.pick(BIG_KEYS) : random.int(-1, 3);
}

/** An instant in any of its forms. */
export function instantText(random: Random, micros: bigint): string {
  const form = random.int(0, 9);
  if (form < 5) return formatInstant(micros);
  const [offset, minutes] = random.pick([
    ['+02:00', 120n],
    ['-08:00', -480n],
    ['+05:30', 330n],
    ['', 0n],
  ] as const);
  const local = formatInstant(micros + minutes * 60_000_000n).slice(0, -1);
  const finer = local.includes('.') && form === 5 ? random.pick(['7', '999', '000', '001']) : ''; // floored away
  return `${random.chance(0.3) ? local.replace('T', ' ') : local}${finer}${offset}`;
}

export function numericInstant(micros: bigint, unit: keyof typeof MICROS_PER_UNIT): number {
  return Number(floorTo(micros, MICROS_PER_UNIT[unit]) / MICROS_PER_UNIT[unit]);
}
