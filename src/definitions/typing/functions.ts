// Functions and operators: which names, how many arguments, of what types, and what type they give.
//
// Integers compute in int64, floats in float64. abs, round, floor, ceil give the type they take (int64 or float64); sign
// gives int64; sqrt, ln, log2, log10, exp, pow, `/` and epoch give float64; length and date_part give int64.
import type { DataType } from '../../../schemas/types.ts';
import type { ExpressionNode, FunctionName } from '../../catalog/expression.ts';
import { nearestName, oneOf } from '../../nearest.ts';
import { alike, arithmeticType, as, call, comparable, literal, number, quoted, required } from './nodes.ts';
import { Refusal } from './refusal.ts';
import { nameElsewhere, writtenForm } from './written-forms.ts';

type Args = readonly [ExpressionNode, ...ExpressionNode[]];
type Typing = (args: Args, name: FunctionName) => ExpressionNode;

interface Signature {
  readonly min: number;
  readonly max: number;
  readonly type: Typing;
}

const signature = (min: number, max: number, type: Typing): Signature => ({ min, max, type });

const arithmetic: Typing = ([a, b], name) => {
  if (b === undefined) return name === '-' ? negated(a) : number(a, `unary ${name}`);
  const type = [a, b].some((arg) => arithmeticType(arg, name) === 'float64') ? 'float64' : 'int64';
  return call(name, type, [as(number(a, name), type), as(number(b, name), type)]);
};

function negated(arg: ExpressionNode): ExpressionNode {
  const type = arithmeticType(arg, 'unary -');
  return call('negate', type, [as(arg, type)]);
}

const remainder: Typing = (args, name) => arithmetic(args, name);
const division: Typing = ([a, b], name) => call(name, 'float64', [float(a, name), float(b as ExpressionNode, name)]);
const float = (arg: ExpressionNode, name: string): ExpressionNode => required(arg, 'float64', name);

const floats: Typing = (args, name) =>
  call(
    name,
    'float64',
    args.map((arg) => float(arg, name)),
  );
const sameNumber: Typing = ([arg], name) => call(name, arithmeticType(arg, name), [number(arg, name)]);

const round: Typing = ([arg, digits], name) => {
  const places = digits === undefined ? 0n : literalInteger(digits, 'the digits of round');
  if (places < 0n || places > 15n) throw new Refusal(`round to ${places} digits`, '0 to 15 digits');
  const decimals = digits === undefined ? [] : [literal(places, 'int64')];
  return call(name, arithmeticType(arg, name), [number(arg, name), ...decimals]);
};

function literalInteger(node: ExpressionNode, where: string): bigint {
  if (node.kind === 'literal' && typeof node.value === 'bigint') return node.value;
  throw new Refusal(`${where} computed`, 'an integer literal');
}

/** Functions of text: all arguments are strings. */
const strings =
  (type: DataType): Typing =>
  (args, name) =>
    call(
      name,
      type,
      args.map((arg) => required(arg, 'string', name)),
    );

const substr: Typing = ([arg, ...positions], name) => {
  const [start, length] = positions.map((position) => required(position, 'int64', `a position in ${name}`));
  refuseBelow(start, 1n, 'the first character is 1');
  refuseBelow(length, 0n, 'a length from 0 on');
  return call(name, 'string', [required(arg, 'string', name), ...[start, length].filter((node) => node !== undefined)]);
};

function refuseBelow(node: ExpressionNode | undefined, least: bigint, expected: string): void {
  if (node?.kind !== 'literal' || typeof node.value !== 'bigint' || node.value >= least) return;
  throw new Refusal(`substr with ${node.value}`, expected);
}

const comparison: Typing = (args, name) => call(name, 'bool', comparable(args, name)[1]);
const extreme: Typing = (args, name) => call(name, ...comparable(args, name));
const condition: Typing = (args, name) =>
  call(
    name,
    'bool',
    args.map((arg) => required(arg, 'bool', name)),
  );

const TRUNCATIONS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];
const PARTS = [...TRUNCATIONS, 'dow', 'isodow', 'doy', 'isoyear'];

/** week is ISO 8601 (from Monday), dow 0 (Sunday) to 6, isodow 1 (Monday) to 7, second whole. */
const timePart =
  (parts: readonly string[], type: DataType): Typing =>
  ([part, instant], name) => {
    if (part.kind !== 'literal' || typeof part.value !== 'string')
      throw new Refusal(`the part of ${name} computed`, oneOf(parts));
    const canonical = part.value.toLowerCase();
    if (!parts.includes(canonical))
      throw new Refusal(`${name} of ${quoted(part.value)}`, oneOf(parts), nearestName(canonical, parts));
    return call(name, type, [literal(canonical, 'string'), required(instant as ExpressionNode, 'timestamp', name)]);
  };

const ANY = 1_000;

const SIGNATURES: Readonly<Record<FunctionName, Signature>> = {
  '+': signature(1, 2, arithmetic),
  '-': signature(1, 2, arithmetic),
  '*': signature(2, 2, arithmetic),
  '/': signature(2, 2, division),
  '%': signature(2, 2, remainder),
  negate: signature(1, 1, ([arg]) => negated(arg)),
  '=': signature(2, 2, comparison),
  '<>': signature(2, 2, comparison),
  '<': signature(2, 2, comparison),
  '<=': signature(2, 2, comparison),
  '>': signature(2, 2, comparison),
  '>=': signature(2, 2, comparison),
  between: signature(3, 3, comparison),
  and: signature(2, ANY, condition),
  or: signature(2, ANY, condition),
  not: signature(1, 1, condition),
  is_null: signature(1, 1, (args, name) => call(name, 'bool', [...args])),
  is_not_null: signature(1, 1, (args, name) => call(name, 'bool', [...args])),
  coalesce: signature(1, ANY, (args, name) => call(name, ...alike(args, name))),
  nullif: signature(2, 2, extreme),
  abs: signature(1, 1, sameNumber),
  sign: signature(1, 1, ([arg], name) => call(name, 'int64', [number(arg, name)])),
  round: signature(1, 2, round),
  floor: signature(1, 1, sameNumber),
  ceil: signature(1, 1, sameNumber),
  least: signature(1, ANY, extreme),
  greatest: signature(1, ANY, extreme),
  sqrt: signature(1, 1, floats),
  ln: signature(1, 1, floats),
  log2: signature(1, 1, floats),
  log10: signature(1, 1, floats),
  exp: signature(1, 1, floats),
  pow: signature(2, 2, floats),
  length: signature(1, 1, strings('int64')),
  lower: signature(1, 1, strings('string')),
  upper: signature(1, 1, strings('string')),
  trim: signature(1, 1, strings('string')),
  substr: signature(2, 3, substr),
  concat: signature(1, ANY, strings('string')),
  '||': signature(2, 2, strings('string')),
  starts_with: signature(2, 2, strings('bool')),
  contains: signature(2, 2, strings('bool')),
  date_trunc: signature(2, 2, timePart(TRUNCATIONS, 'timestamp')),
  date_part: signature(2, 2, timePart(PARTS, 'int64')),
  epoch: signature(1, 1, ([arg], name) => call(name, 'float64', [required(arg, 'timestamp', name)])),
};

/** `written`: the name that the user gave it. */
export function typedCall(name: FunctionName, args: readonly ExpressionNode[], written: string = name): ExpressionNode {
  const { min, max, type } = SIGNATURES[name];
  const [first, ...rest] = args;
  if (first === undefined || args.length < min || args.length > max)
    throw new Refusal(`${written} with ${args.length} arguments`, arity(min, max));
  return type([first, ...rest], name);
}

const BY_THEIR_OWN_NAME: readonly FunctionName[] = [
  ...(['+', '-', '*', '/', '%', '||', 'nullif', 'abs', 'sign', 'round', 'floor', 'ceil', 'least', 'greatest'] as const),
  ...([
    'sqrt',
    'ln',
    'log2',
    'log10',
    'exp',
    'pow',
    'length',
    'lower',
    'upper',
    'trim',
    'substr',
    'concat',
    'starts_with',
  ] as const),
  ...(['contains', 'date_trunc', 'date_part', 'epoch'] as const),
];

function arity(min: number, max: number): string {
  return min === max ? `${min}` : `${min} to ${max}`;
}

/** Names that can be written as a function or operator, with the other names DuckDB has for them. */
const CALLABLE: ReadonlyMap<string, FunctionName> = new Map<string, FunctionName>([
  ...BY_THEIR_OWN_NAME.map((name) => [name, name] as const),
  ['ceiling', 'ceil'],
  ['log', 'log10'],
  ['power', 'pow'],
  ['len', 'length'],
  ['char_length', 'length'],
  ['character_length', 'length'],
  ['lcase', 'lower'],
  ['ucase', 'upper'],
  ['substring', 'substr'],
  ['prefix', 'starts_with'],
  ['^@', 'starts_with'],
  ['datetrunc', 'date_trunc'],
  ['datepart', 'date_part'],
]);

const NAMES = [...CALLABLE.keys()].filter((name) => /^\w+$/.test(name));
/** With those that the parser reads as operators. */
const KNOWN = [...NAMES, 'coalesce', 'ifnull'];
const LISTED = BY_THEIR_OWN_NAME.filter((name) => NAMES.includes(name)).join(', ');

export function functionNamed(name: string): FunctionName {
  const found = CALLABLE.get(name.toLowerCase());
  if (found !== undefined) return found;
  const form = writtenForm(name);
  if (form !== undefined) throw new Refusal(form.written, `an operator, or one of coalesce, ${LISTED}`, form.instead);
  if (!/^\w+$/.test(name)) throw new Refusal(`the operator ${name}`, '+ - * / % || = <> < <= > >= or a function');
  throw new Refusal(`the function ${name}`, `coalesce, ${LISTED}`, nameElsewhere(name) ?? nearestName(name, KNOWN));
}
