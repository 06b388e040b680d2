// What a view makes of its source's table: typed rows with key, instants and inputs, those that can ever count.
import { oracleOf } from './aggregates.ts';
import { type Expression, ExpressionFault, parseExpression } from './expressions.ts';
import { isFloat, isInteger, readValue, type Value } from './values.ts';
import {
  type FeatureDefinition,
  type JsonRow,
  joinKeysOf,
  named,
  type SourceDefinition,
  type Table,
  type ViewDefinition,
  type World,
} from './world.ts';

/** An expression that overflowed in this row: whatever uses it fails. It orders as null. */
export class Fault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}
export interface ViewRow {
  readonly key: readonly Value[];
  readonly eventTime: bigint;
  readonly created: bigint | null;
  readonly inputs: readonly (Value | Fault)[]; // one per feature, in definition order
}

/** A view over its source as one table stands. */
export interface ViewTable {
  readonly view: ViewDefinition;
  readonly inputTypes: readonly (string | undefined)[]; // per feature; undefined for a count of rows
  readonly rows: readonly ViewRow[];
}

const MICROS_PER_UNIT = { s: 1_000_000n, ms: 1000n, us: 1n };

/** Keeps rows with an event time and a full key that pass `where`. */
export function readView(world: World, view: ViewDefinition, table: Table): ViewTable {
  const source = named(world.definitions.sources, view.source);
  const where = view.where === undefined ? undefined : parseExpression(view.where, source.columns);
  const inputs = view.features.map((feature) => inputOf(view, feature, source));
  const keyColumns = joinKeysOf(world, view).map(({ name }) => view.joinKeyColumns?.[name] ?? name);
  const rows: ViewRow[] = [];
  for (const cells of table.rows) {
    const row = readRow(table, cells);
    const eventTime = instantOf(source, row, source.timestampColumn);
    const created = source.createdTimestampColumn ? instantOf(source, row, source.createdTimestampColumn) : null;
    const key = keyColumns.map((name) => row[name] ?? null);
    if (eventTime === null || key.includes(null)) continue;
    const passes = where ? evaluate(where, row) : true;
    if (passes instanceof Fault) rows.push({ key, eventTime, created, inputs: inputs.map(() => passes) });
    else if (passes === true) {
      rows.push({ key, eventTime, created, inputs: inputs.map((input) => (input ? evaluate(input, row) : null)) });
    }
  }
  return { view, inputTypes: inputs.map((input) => input?.type), rows };
}

export function readRow(table: Table, cells: JsonRow): Record<string, Value> {
  return Object.fromEntries(table.columns.map(([name, type], i) => [name, readValue(type, cells[i])]));
}

function instantOf(source: SourceDefinition, row: Readonly<Record<string, Value>>, column: string): bigint | null {
  const value = (row[column] ?? null) as bigint | null;
  if (value === null || source.columns[column] === 'timestamp') return value;
  return value * MICROS_PER_UNIT[source.timestampUnit ?? 'us'];
}

/** The feature's input per source row; undefined for a count of rows. */
function inputOf(view: ViewDefinition, feature: FeatureDefinition, source: SourceDefinition): Expression | undefined {
  const column = feature.column ?? (view.kind === 'row' ? feature.name : undefined);
  if (feature.expression !== undefined) return declaredAs(feature, parseExpression(feature.expression, source.columns));
  return column === undefined ? undefined : declaredAs(feature, parseExpression(`"${column}"`, source.columns));
}

/** A row feature has its declared type: an int expression of a float feature becomes float. */
function declaredAs(feature: FeatureDefinition, input: Expression): Expression {
  if (feature.type === undefined || !isFloat(feature.type) || !isInteger(input.type)) return input;
  const type = feature.type;
  return { type, evaluate: (row) => readValue(type, input.evaluate(row)) };
}

export function featureType(world: World, view: ViewDefinition, feature: FeatureDefinition): string {
  if (view.kind === 'row') return feature.type ?? '';
  const source = named(world.definitions.sources, view.source);
  return oracleOf(feature.aggregate ?? '').result(inputOf(view, feature, source)?.type ?? '');
}

function evaluate(expression: Expression, row: Readonly<Record<string, Value>>): Value | Fault {
  try {
    return expression.evaluate(row);
  } catch (error) {
    if (error instanceof ExpressionFault) return new Fault(error.message);
    throw error;
  }
}
