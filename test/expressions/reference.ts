// What an expression means, by a plain walk over its tree: docs/reference/expressions.md as a program, without any SQL. The oracle
// of the property tests.
import type { Value } from '../../schemas/types.ts';
import { isFloatType, isIntegerType } from '../../schemas/types.ts';
import type { CallNode, CaseNode, CastNode, ExpressionNode, InNode } from '../../src/catalog/expression.ts';
import { castValue } from './reference-casts.ts';
import { compareValues, FUNCTIONS } from './reference-functions.ts';
import { FAILED, type Outcome } from './reference-outcome.ts';

type Row = ReadonlyMap<string, Value>;

/** A value, null, or FAILED. */
export function evaluate(node: ExpressionNode, row: Row): Outcome {
  switch (node.kind) {
    case 'column':
      return row.get(node.name) ?? null;
    case 'literal':
      return node.value;
    case 'cast':
      return strict([evaluate(node.arg, row)], ([arg]) => castValue(arg as Value, node as CastNode));
    case 'in':
      return strict([evaluate(node.arg, row)], ([arg]) => member(arg as Value, node));
    case 'case':
      return choose(node, row);
    case 'struct':
      throw new Error('no user writes a struct');
    case 'call':
      return apply(node, row);
  }
}

/** A null argument makes null; only then a failed one fails. */
function strict(args: readonly Outcome[], compute: (args: readonly Value[]) => Outcome): Outcome {
  if (args.includes(null)) return null;
  return args.includes(FAILED) ? FAILED : compute(args as readonly Value[]);
}

function member(arg: Value, { list, negated }: InNode): Outcome {
  const items = list.map((item) => (item.kind === 'literal' ? item.value : null));
  if (items.some((item) => item !== null && compareValues(arg, item) === 0)) return !negated;
  return items.includes(null) ? null : negated;
}

function choose({ branches, otherwise }: CaseNode, row: Row): Outcome {
  for (const { when, value } of branches) {
    const condition = evaluate(when, row);
    if (condition === FAILED) return FAILED;
    if (condition === true) return evaluate(value, row);
  }
  return otherwise === null ? null : evaluate(otherwise, row);
}

function apply(node: CallNode, row: Row): Outcome {
  const args = node.args.map((arg) => evaluate(arg, row));
  const lenient = LENIENT.get(node.name);
  if (lenient !== undefined) return lenient(args);
  return strict(args, (values) => settled(FUNCTIONS[node.name](values, node), node));
}

/** Integers beyond int64 fail; floats that are not finite are null, -0 is 0. */
function settled(value: Outcome, { type }: CallNode): Outcome {
  if (isIntegerType(type as 'int64') && typeof value === 'bigint')
    return BigInt.asIntN(64, value) === value ? value : FAILED;
  if (!isFloatType(type as 'float64') || typeof value !== 'number') return value;
  return Number.isFinite(value) ? value + 0 : null;
}

/** Functions that give a value where an argument is null. */
const LENIENT: ReadonlyMap<string, (args: readonly Outcome[]) => Outcome> = new Map([
  ['and', (args) => decide(args, false)],
  ['or', (args) => decide(args, true)],
  ['coalesce', (args) => args.find((arg) => arg !== null) ?? null],
  ['is_null', eager(([arg]) => arg === null)],
  ['is_not_null', eager(([arg]) => arg !== null)],
  ['nullif', eager(([a = null, b = null]) => (a !== null && b !== null && compareValues(a, b) === 0 ? null : a))],
  ['least', eager((args) => extreme(args, -1))],
  ['greatest', eager((args) => extreme(args, 1))],
  ['concat', eager((args) => args.join(''))],
  ['between', eager(([arg = null, low = null, high = null]) => decide([atMost(low, arg), atMost(arg, high)], false))],
]);

function eager(compute: (args: readonly Value[]) => Outcome): (args: readonly Outcome[]) => Outcome {
  return (args) => (args.includes(FAILED) ? FAILED : compute(args as readonly Value[]));
}

function decide(args: readonly Outcome[], decisive: boolean): Outcome {
  if (args.includes(decisive)) return decisive;
  if (args.includes(FAILED)) return FAILED;
  return args.includes(null) ? null : !decisive;
}

const atMost = (a: Value, b: Value): Outcome => (a === null || b === null ? null : compareValues(a, b) <= 0);

function extreme(args: readonly Value[], sign: number): Outcome {
  const known = args.filter((arg) => arg !== null);
  return known.length === 0 ? null : known.reduce((best, arg) => (compareValues(arg, best) * sign > 0 ? arg : best));
}
