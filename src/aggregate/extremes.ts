// min and max by the one order of values (value-order.ts).
//
//   bytes: byte 0, or byte 1 and the value
import type { Value } from '../../schemas/types.ts';
import { rule, sameType } from './aggregate-rule.ts';
import { type Algebra, type AlgebraInput, type Family, keepAll, tiled } from './algebra.ts';
import { readNullable, valueCodec, writeNullable } from './value-codec.ts';
import { orderOfValues } from './value-order.ts';

export interface Extreme {
  value: Value;
}

/** `sign`: 1 for the greatest, -1 for the least. */
function extremeFamily(name: 'min' | 'max', { type }: AlgebraInput): Family<Extreme> {
  const sign = name === 'max' ? 1 : -1;
  const codec = valueCodec(type);
  const keep = (state: Extreme, value: Value): void => {
    if (value !== null && (state.value === null || sign * orderOfValues(value, state.value) > 0)) state.value = value;
  };
  return {
    kind: name,
    scope: 'tile',
    trim: keepAll,
    create: () => ({ value: null }),
    isEmpty: ({ value }) => value === null,
    add: keep,
    merge: (state, { value }) => keep(state, value),
    write: ({ value }, out) => writeNullable(codec, value, out),
    read: (state, bytes) => keep(state, readNullable(codec, bytes)),
    load: (state, [value]) => keep(state, value ?? null),
  };
}

const extreme =
  (name: 'min' | 'max') =>
  (input: AlgebraInput): Algebra<Extreme> =>
    tiled(extremeFamily(name, input), ({ value }) => value);

export const min = rule('any', sameType, { algebra: extreme('min') });
export const max = rule('any', sameType, { algebra: extreme('max') });
