// What an aggregate means (DESIGN section 2), whoever computes it. Each family has a file; aggregate-rules.ts has them all.
import type { DataType, Value } from '../../schemas/types.ts';
import type { Algebra, AlgebraInput } from './algebra.ts';

export interface AggregateRule {
  /**
   * `none`: it is of the rows themselves. `optional`: none, or any. `summable`: numbers, and bool as 0 and 1. `scalar`: any but
   * lists, because a list of lists is no type. `row`: columns of the row, as one struct.
   */
  readonly input: 'none' | 'optional' | 'any' | 'numeric' | 'summable' | 'scalar' | 'row';
  /** Of the input's type; `count` without input is asked with null. */
  readonly result: (input: DataType | null) => DataType;
  readonly parameter: 'n' | 'p' | 'gap' | null;
  /** What a key without rows in the window has. */
  readonly empty: Value;
  /** Whether a value of the result type can lie beyond it: such a value is INVALID. */
  readonly canOverflow: (result: DataType) => boolean;
  /** Whether an unbounded window of a continuous view would need state without bound. */
  readonly needsBound: boolean;
  /** How it is computed piece by piece. */
  algebra(input: AlgebraInput): Algebra<unknown>;
}

export const rule = (
  input: AggregateRule['input'],
  result: AggregateRule['result'],
  options: Pick<AggregateRule, 'algebra'> & Partial<Omit<AggregateRule, 'input' | 'result'>>,
): AggregateRule => ({
  input,
  result,
  parameter: null,
  empty: null,
  canOverflow: () => false,
  needsBound: false,
  ...options,
});

export const int64 = (): DataType => 'int64';
export const float64 = (): DataType => 'float64';
export const sameType = (input: DataType | null): DataType => input ?? 'int64';
