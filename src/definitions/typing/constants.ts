// Constants of the parsed tree → literals. Decimals are float64.

import type { LiteralNode } from '../../catalog/expression.ts';
import type { Json, JsonObject } from '../../lossless-json.ts';
import { literal } from './nodes.ts';
import { fields, object, text } from './parsed-sql.ts';
import { Refusal } from './refusal.ts';

export function constantNode(node: JsonObject): LiteralNode {
  const constant = object(fields(node, 'value').value);
  const type = object(constant.type);
  if (constant.is_null === true) return literal(null, 'null');
  const make = CONSTANTS.get(text(type.id));
  if (make === undefined)
    throw new Refusal(`a constant of type ${text(type.id)}`, 'a number, text, TRUE, FALSE or NULL');
  return make(constant.value, type);
}

type Make = (value: Json | undefined, type: JsonObject) => LiteralNode;

const integer: Make = (value) => literal(BigInt(digits(value)), 'int64');
const tooLarge: Make = () => {
  throw new Refusal('an integer beyond int64', 'an int64, or a float64 written with a decimal point');
};

const CONSTANTS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['INTEGER', integer],
  ['BIGINT', integer],
  ['HUGEINT', tooLarge],
  ['UHUGEINT', tooLarge],
  ['DECIMAL', (value, type) => float(`${unscaled(value)}e-${digits(object(type.type_info).scale)}`)],
  ['DOUBLE', (value) => float(digits(value))],
  ['VARCHAR', (value) => string(text(value))],
]);

/** -0 reads as 0. */
const float = (number: string): LiteralNode => literal(Number(number) + 0, 'float64');

function string(value: string): LiteralNode {
  if (value.includes('\0')) throw new Refusal('a text with a NUL character', 'a text without one');
  return literal(value, 'string');
}

function digits(value: Json | undefined): string {
  if (typeof value !== 'number' && typeof value !== 'bigint')
    throw new Refusal('a constant of a form that is not known', 'a number');
  return String(value);
}

/** A decimal of more than 18 digits comes in two halves of 64 bits. */
function unscaled(value: Json | undefined): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const halves = object(value);
  return String((BigInt(digits(halves.upper)) << 64n) + BigInt(digits(halves.lower)));
}
