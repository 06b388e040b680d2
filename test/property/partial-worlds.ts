// Random rows for the algebra of aggregates, on window edges and hops and one microsecond beside, and ways to put them
// together: any split into parts, any order of merging, through bytes or not.
import fc from 'fast-check';
import { type DataType, elementType, isIntegerType, type ScalarType, type Value } from '../../schemas/types.ts';
import type { AggregateRow, WindowAt } from '../../src/aggregate/algebra.ts';
import { FAILED, type Input, type Partial, type PartialAlgebra } from '../../src/aggregate/partial.ts';
import { ByteReader } from '../../src/byte-reader.ts';
import { ByteWriter } from '../../src/byte-writer.ts';
import type * as oracle from '../oracle/values.ts';

export const HOP = 10n;
export const START = -20n;
export const WINDOW: WindowAt = { startMicros: START, endMicros: 25n };

export const INPUT_TYPES: readonly DataType[] = [
  ...(['bool', 'int32', 'int64', 'float32', 'float64', 'string', 'timestamp', 'bytes'] as const),
  ...(['list<int64>', 'list<string>', 'list<float64>', 'list<bytes>', 'list<timestamp>', 'vector<float32,2>'] as const),
];

const SCALARS: Readonly<Record<ScalarType, readonly Value[]>> = {
  bool: [false, true],
  int32: [0, 1, -1, 6, 2147483647, -2147483648],
  int64: [0n, 1n, -1n, 5n, 9007199254740993n, 9223372036854775807n, -9223372036854775808n],
  float32: [0, 0.5, Math.fround(0.1), -3.25, Math.fround(3.4e38), Math.fround(1e-45)],
  float64: [0, 0.1, -0.25, 12.5, 1e15, 1e200, -1e308, 1e308, 5e-324],
  string: ['', 'a', 'b', 'é', '～', '😀', 'a'.repeat(200)],
  timestamp: [0n, 1n, -1n, 1767225600000000n],
  bytes: [[], [0], [127], [128], [255, 0], [1, 2, 3]].map((bytes) => Uint8Array.from(bytes)),
};

export function valuesOf(type: DataType): fc.Arbitrary<Value> {
  const element = elementType(type);
  if (element === null) return fc.constantFrom(...SCALARS[type as ScalarType]);
  const item = fc.option(fc.constantFrom(...SCALARS[element]), { freq: 4 });
  return type.startsWith('vector') ? fc.array(item, { minLength: 2, maxLength: 2 }) : fc.array(item, { maxLength: 3 });
}

export interface RandomRow extends AggregateRow {
  readonly input: Input;
}

const created: fc.Arbitrary<bigint | null> = fc.constantFrom(null, 0n, 1n, 40n);

/** Of a batch source, or of a stream with some history. */
const positions = fc.option(fc.record({ partition: fc.nat(2), offset: fc.bigInt(0n, 3n) }), { freq: 2 });

export interface RowOptions {
  readonly isStream?: boolean;
  readonly failures?: boolean;
}

export const rowsOf = (value: fc.Arbitrary<Value>, { isStream = false, failures = false }: RowOptions = {}) =>
  fc.array(
    fc.record<RandomRow>({
      eventMicros: fc.oneof(
        fc.constantFrom(START - 1n, START, START + 1n, START + HOP, -1n, 0n, 24n),
        fc.bigInt(-40n, 24n),
      ),
      createdMicros: created,
      position: isStream ? positions : fc.constant(null),
      by: fc.option(fc.constantFrom('', 'a', 'b', '10', '9', '～', '😀'), { freq: 5 }),
      input: fc.oneof({ weight: 8, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) }, {
        weight: failures ? 1 : 0,
        arbitrary: fc.constant(FAILED),
      } as fc.WeightedArbitrary<Input>),
    }),
    { maxLength: 24 },
  );

export const isInWindow = ({ eventMicros }: AggregateRow): boolean => eventMicros >= START;

/** How rows become one partial: numbers that are drawn as they are needed. */
export const plans = fc.infiniteStream(fc.nat(1000));

/** One partial of all rows: split, merged in any order, here and there through bytes. */
export function combined<S>(
  { family }: PartialAlgebra<S>,
  rows: readonly RandomRow[],
  plan: Iterator<number>,
): Partial<S> {
  const draw = (below: number): number => plan.next().value % below;
  const parts = Array.from({ length: 1 + draw(4) }, () => family.create());
  const left = [...rows];
  while (left.length > 0) {
    const row = left.splice(draw(left.length), 1)[0] as RandomRow;
    family.add(parts[draw(parts.length)] as Partial<S>, row.input, row);
  }
  while (parts.length > 1) {
    const other = parts.splice(draw(parts.length), 1)[0] as Partial<S>;
    const into = parts[draw(parts.length)] as Partial<S>;
    if (draw(2) === 0) family.merge(into, other);
    else family.read(into, new ByteReader(bytesOf(family, other)));
  }
  return parts[0] as Partial<S>;
}

export function bytesOf<S>(family: PartialAlgebra<S>['family'], partial: Partial<S>): Uint8Array {
  const out = new ByteWriter();
  out.begin(0);
  family.write(partial, out);
  return Uint8Array.from(out.finish());
}

/** A value as the oracle has it: all integers are bigint. */
export function forOracle(type: DataType, value: Value): oracle.Value {
  if (value === null) return null;
  const element = elementType(type);
  if (element !== null) return (value as readonly Value[]).map((item) => forOracle(element, item));
  return isIntegerType(type) ? BigInt(value as number | bigint) : (value as oracle.Value);
}
