// Which int64 values a node can take: where both ends fit, arithmetic on it cannot overflow and needs no check.
import { isIntegerType } from '../../schemas/types.ts';
import type { CallNode, CaseNode, ExpressionNode, FunctionName } from './expression.ts';

export interface IntRange {
  readonly min: bigint;
  readonly max: bigint;
}

export const INT64: IntRange = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
export const INT32: IntRange = { min: -(2n ** 31n), max: 2n ** 31n - 1n };
/** Characters of a string; parts of a timestamp. */
const LENGTH: IntRange = { min: 0n, max: 2n ** 32n };
const PART: IntRange = { min: -300_000n, max: 300_000n };
const UNIT: IntRange = { min: -1n, max: 1n };

export const within = (range: IntRange, outer: IntRange): boolean => range.min >= outer.min && range.max <= outer.max;

/** Of the values that are not null and did not fail. */
export function intRange(node: ExpressionNode): IntRange {
  const range = unclamped(node);
  return within(range, INT64) ? range : INT64;
}

/** As if int64 had no end: beyond its ends, the node can overflow. */
export function unclamped(node: ExpressionNode): IntRange {
  if (node.kind === 'literal' && typeof node.value === 'bigint') return { min: node.value, max: node.value };
  if (node.kind === 'call') return callRange(node);
  if (node.kind === 'case') return caseRange(node);
  if (node.kind === 'cast' && node.arg.type === 'bool') return { min: 0n, max: 1n };
  if (node.kind === 'cast' && node.type === 'int64' && isIntegerType(node.arg.type as 'int64'))
    return intRange(node.arg);
  return node.type === 'int32' ? INT32 : INT64;
}

function callRange({ name, args, type }: CallNode): IntRange {
  const rule = type === 'int64' || type === 'int32' ? RULES.get(name) : undefined;
  return rule === undefined
    ? INT64
    : rule(args.map((arg) => (isIntegerType(arg.type as 'int64') ? intRange(arg) : INT64)));
}

type Rule = (args: readonly IntRange[]) => IntRange;

const ends = (a: IntRange, b: IntRange, combine: (x: bigint, y: bigint) => bigint): IntRange =>
  hull([combine(a.min, b.min), combine(a.min, b.max), combine(a.max, b.min), combine(a.max, b.max)]);

const binary =
  (combine: (x: bigint, y: bigint) => bigint): Rule =>
  ([a = INT64, b = INT64]) =>
    ends(a, b, combine);

const union: Rule = (args) => hull(args.flatMap(({ min, max }) => [min, max]));
const first: Rule = ([a = INT64]) => a;

const RULES: ReadonlyMap<FunctionName, Rule> = new Map<FunctionName, Rule>([
  ['+', binary((a, b) => a + b)],
  ['-', binary((a, b) => a - b)],
  ['*', binary((a, b) => a * b)],
  ['%', ([a = INT64]) => hull([a.min, a.max, 0n])],
  ['negate', ([a = INT64]) => ({ min: -a.max, max: -a.min })],
  ['abs', ([a = INT64]) => ({ min: 0n, max: hull([a.max, -a.min]).max })],
  ['sign', () => UNIT],
  ['round', first],
  ['floor', first],
  ['ceil', first],
  ['coalesce', union],
  ['nullif', first],
  ['least', union],
  ['greatest', union],
  ['length', () => LENGTH],
  ['date_part', () => PART],
]);

function caseRange({ branches, otherwise }: CaseNode): IntRange {
  const results = [...branches.map(({ value }) => value), ...(otherwise === null ? [] : [otherwise])];
  return union(results.filter((node) => node.kind !== 'literal' || node.value !== null).map(intRange));
}

/** Of no values: only 0, which any int64 holds. */
function hull(values: readonly bigint[]): IntRange {
  const sorted = values.toSorted((a, b) => Number(a > b) - Number(a < b));
  return { min: sorted[0] ?? 0n, max: sorted.at(-1) ?? 0n };
}
