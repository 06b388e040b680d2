// Functions as most engines write them; a dialect replaces those that it writes or computes in another way.
import type { FunctionPrinters, PrintCall } from './expression-dialect.ts';

export const infix =
  (operator: string): PrintCall =>
  (args) =>
    `(${args.join(` ${operator} `)})`;

export const named =
  (name: string): PrintCall =>
  (args) =>
    `${name}(${args.join(', ')})`;

/** Integers are what they are; floats go through the function. */
const ofFloats =
  (name: string): PrintCall =>
  (args, node) =>
    node.type === 'float64' ? named(name)(args, node) : (args[0] ?? '');

/** Logarithms: null from 0 down, where engines fail. */
const ofPositives =
  (name: string): PrintCall =>
  ([arg]) =>
    `${name}(CASE WHEN ${arg} > 0 THEN ${arg} END)`;

export const STANDARD_FUNCTIONS: FunctionPrinters = {
  '+': infix('+'),
  '-': infix('-'),
  '*': infix('*'),
  '/': infix('/'),
  '%': infix('%'),
  negate: ([arg]) => `(- ${arg})`,
  '=': infix('='),
  '<>': infix('<>'),
  '<': infix('<'),
  '<=': infix('<='),
  '>': infix('>'),
  '>=': infix('>='),
  between: ([arg, low, high]) => `(${arg} BETWEEN ${low} AND ${high})`,
  and: infix('AND'),
  or: infix('OR'),
  not: ([arg]) => `(NOT ${arg})`,
  is_null: ([arg]) => `(${arg} IS NULL)`,
  is_not_null: ([arg]) => `(${arg} IS NOT NULL)`,
  coalesce: named('coalesce'),
  nullif: named('nullif'),
  abs: named('abs'),
  sign: named('sign'),
  round: ofFloats('round'),
  floor: ofFloats('floor'),
  ceil: ofFloats('ceil'),
  least: named('least'),
  greatest: named('greatest'),
  sqrt: ([arg]) => `sqrt(CASE WHEN ${arg} >= 0 THEN ${arg} END)`,
  ln: ofPositives('ln'),
  log2: ofPositives('log2'),
  log10: ofPositives('log10'),
  exp: named('exp'),
  pow: named('pow'),
  length: named('length'),
  lower: named('lower'),
  upper: named('upper'),
  trim: named('trim'),
  substr: named('substr'),
  concat: named('concat'),
  '||': infix('||'),
  starts_with: named('starts_with'),
  contains: named('contains'),
  date_trunc: named('date_trunc'),
  date_part: named('date_part'),
  epoch: named('epoch'),
};
