// CAST: the types it may name, and which conversions exist.
import { isFloatType, isIntegerType, isScalarType, type ScalarType } from '../../../schemas/types.ts';
import type { ExpressionNode } from '../../catalog/expression.ts';
import { isJsonObject, type JsonObject } from '../../lossless-json.ts';
import { nearestName, oneOf } from '../../nearest.ts';
import { as } from './nodes.ts';
import { fields, object, text } from './parsed-sql.ts';
import { Refusal } from './refusal.ts';

const TARGETS = ['bool', 'int32', 'int64', 'float32', 'float64', 'string', 'timestamp'] as const satisfies ScalarType[];
type Target = (typeof TARGETS)[number];

/** SQL's names, as DuckDB's parser resolves them (`text` is VARCHAR, `real` is FLOAT, `timestamptz` … WITH TIME ZONE). */
const SQL_NAMES: ReadonlyMap<string, Target> = new Map([
  ['BOOLEAN', 'bool'],
  ['INTEGER', 'int32'],
  ['BIGINT', 'int64'],
  ['FLOAT', 'float32'],
  ['DOUBLE', 'float64'],
  ['VARCHAR', 'string'],
  ['TIMESTAMP', 'timestamp'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamp'],
]);
const OUR_NAMES: ReadonlyMap<string, Target> = new Map(TARGETS.map((type) => [type, type]));

export function castType(castTypeNode: JsonObject): Target {
  const info = castTypeNode.type_info;
  const id = text(castTypeNode.id);
  const isPlain = info === null;
  const name = isPlain ? id : unboundName(id, info);
  const type = isPlain ? SQL_NAMES.get(name) : OUR_NAMES.get(name.toLowerCase());
  if (type !== undefined) return type;
  throw new Refusal(`CAST to ${name}`, oneOf(TARGETS), nearestName(name, TARGETS));
}

/** A type that DuckDB does not know by itself, such as float64, is left unbound in the tree. */
function unboundName(id: string, info: JsonObject[string] | undefined): string {
  if (id !== 'UNBOUND' || !isJsonObject(info)) return id;
  const plain = info.catalog === '' && info.schema === '' && Array.isArray(info.user_type_modifiers);
  return plain && (info.user_type_modifiers as readonly unknown[]).length === 0
    ? text(info.name)
    : 'a type with parameters';
}

/** What each type can be cast to, beside itself. Engines do not agree on the shortest text of some float32. */
const CONVERSIONS: Readonly<Record<ScalarType, readonly Target[]>> = {
  bool: ['int32', 'int64', 'float32', 'float64', 'string'],
  int32: ['bool', 'int64', 'float32', 'float64', 'string'],
  int64: ['bool', 'int32', 'float32', 'float64', 'string'],
  float32: ['bool', 'int32', 'int64', 'float64'],
  float64: ['bool', 'int32', 'int64', 'float32', 'string'],
  string: ['bool', 'int32', 'int64', 'float32', 'float64', 'timestamp'],
  timestamp: ['string'],
  bytes: [],
};

export function castNode(node: JsonObject, convert: (child: JsonObject) => ExpressionNode): ExpressionNode {
  const { child, cast_type: type, try_cast: isTry } = fields(node, 'child', 'cast_type', 'try_cast');
  if (isTry !== false) throw new Refusal('TRY_CAST', 'CAST');
  const operand = object(child);
  const boolean = booleanLiteral(operand, object(type));
  if (boolean !== null) return { kind: 'literal', value: boolean, type: 'bool' };
  const target = castType(object(type));
  return cast(convert(operand), target);
}

/** The parser writes `true` and `false` as a cast of 't' and 'f'. */
function booleanLiteral(operand: JsonObject, type: JsonObject): boolean | null {
  if (type.id !== 'BOOLEAN' || operand.class !== 'CONSTANT' || !isJsonObject(operand.value)) return null;
  const letter = operand.value.value;
  return letter === 't' ? true : letter === 'f' ? false : null;
}

export function cast(arg: ExpressionNode, type: Target): ExpressionNode {
  if (arg.type === 'null' || arg.type === type) return as(arg, type);
  if (type === 'timestamp' && arg.kind === 'literal' && arg.type === 'string') return as(arg, type);
  if (isScalarType(arg.type) && CONVERSIONS[arg.type].includes(type)) return { kind: 'cast', arg, type };
  throw new Refusal(`CAST of ${arg.type} to ${type}`, castHint(arg.type, type));
}

function castHint(from: string, to: Target): string {
  if (from === 'timestamp' && (isIntegerType(to) || isFloatType(to))) return 'epoch(…) or date_part(…)';
  return isScalarType(from) && CONVERSIONS[from].length > 0
    ? oneOf(CONVERSIONS[from])
    : 'no CAST: such a value has none';
}
