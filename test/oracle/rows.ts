// What a view makes of its source's table: typed rows with key, instants and inputs, those that can ever count.
import { oracleOf } from './aggregates.ts';
import { type Expression, ExpressionFault, parseExpression } from './expressions.ts';
import { MICROS_PER_UNIT } from './instants.ts';
import { keyText } from './maps.ts';
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
/** In place of an input: the row does not exist for the feature, by its own `where`. */
export const ABSENT = Symbol('absent');
export type Cell = Value | Fault | typeof ABSENT;

export interface ViewRow {
  readonly key: readonly Value[];
  readonly eventTime: bigint;
  readonly created: bigint | null;
  readonly inputs: readonly Cell[]; // one per feature, in definition order
  readonly deletes: Value | Fault; // true: of a row view, its key is gone
  readonly mapKeys: readonly (string | null)[]; // one per feature: what a map has the row under
}

/** A view over its source as one table stands. */
export interface ViewTable {
  readonly view: ViewDefinition;
  readonly inputTypes: readonly (string | undefined)[]; // per feature; undefined for a count of rows
  readonly rows: readonly ViewRow[];
}

/** Keeps rows with an event time and a full key that pass `where`. */
export function readView(world: World, view: ViewDefinition, table: Table): ViewTable {
  const source = named(world.definitions.sources, view.source);
  const where = view.where === undefined ? undefined : parseExpression(view.where, source.columns);
  const deletedWhen = view.deletedWhen === undefined ? undefined : parseExpression(view.deletedWhen, source.columns);
  const inputs = view.features.map((feature) => inputOf(view, feature, source));
  const conditions = view.features.map(({ where: own }) =>
    own === undefined ? undefined : parseExpression(own, source.columns),
  );
  const keysOf = (row: Readonly<Record<string, Value>>) =>
    view.features.map(({ by }) => (by === undefined ? '' : keyText(source.columns[by] ?? '', row[by] ?? null)));
  const cellOf = (row: Readonly<Record<string, Value>>, i: number): Cell => {
    const [condition, input] = [conditions[i], inputs[i]];
    if (keysOf(row)[i] === null) return ABSENT;
    const passes = condition ? evaluate(condition, row) : true;
    if (passes instanceof Fault) return passes;
    if (passes !== true) return ABSENT;
    return input ? evaluate(input, row) : null;
  };
  const keyColumns = joinKeysOf(world, view).map(({ name }) => view.joinKeyColumns?.[name] ?? name);
  const rows: ViewRow[] = [];
  for (const cells of table.rows) {
    const row = readRow(table, cells);
    const eventTime = instantOf(source, row, source.timestampColumn);
    const created = source.createdTimestampColumn ? instantOf(source, row, source.createdTimestampColumn) : null;
    const key = keyColumns.map((name) => row[name] ?? null);
    if (eventTime === null || key.includes(null)) continue;
    const place = { key, eventTime, created, mapKeys: keysOf(row) };
    const passes = where ? evaluate(where, row) : true;
    if (passes instanceof Fault) {
      rows.push({ ...place, inputs: inputs.map(() => passes), deletes: passes });
    } else if (passes === true) {
      const cells = view.features.map((_, i) => cellOf(row, i));
      const deletes = deletedWhen ? evaluate(deletedWhen, row) : null;
      rows.push({ ...place, inputs: cells, deletes });
    }
  }
  return { view, inputTypes: inputs.map((input) => input?.type), rows };
}

export function readRow(table: Table, cells: JsonRow): Record<string, Value> {
  return Object.fromEntries(table.columns.map(([name, type], i) => [name, readValue(type, cells[i])]));
}

const instantOf = (source: SourceDefinition, row: Readonly<Record<string, Value>>, column: string): bigint | null =>
  inMicros(source, column, row[column] ?? null);

/** Of a row as it lies in the file; null where the source has no such column. */
export function instantIn(source: SourceDefinition, cells: JsonRow, column: string | undefined): bigint | null {
  const i = Object.keys(source.columns).indexOf(column ?? '');
  return i < 0 || column === undefined
    ? null
    : inMicros(source, column, readValue(source.columns[column] ?? '', cells[i]));
}

function inMicros(source: SourceDefinition, column: string, instant: Value): bigint | null {
  const value = instant as bigint | null;
  if (value === null || source.columns[column] === 'timestamp') return value;
  return value * MICROS_PER_UNIT[source.timestampUnit ?? 'us'];
}

/** The feature's input per source row; undefined for a count of rows. */
function inputOf(view: ViewDefinition, feature: FeatureDefinition, source: SourceDefinition): Expression | undefined {
  const column = feature.column ?? (view.kind === 'row' ? feature.name : undefined);
  if (feature.columns !== undefined) return rowInput(feature.columns, source);
  if (feature.expression !== undefined) return declaredAs(feature, parseExpression(feature.expression, source.columns));
  return column === undefined ? undefined : declaredAs(feature, parseExpression(`"${column}"`, source.columns));
}

/** Columns of the row as one value. */
const rowInput = (columns: readonly string[], source: SourceDefinition): Expression => ({
  type: `struct<${columns.map((name) => `${name}:${source.columns[name]}`).join(',')}>`,
  evaluate: (row) => columns.map((name) => row[name] ?? null),
});

/** A row feature has its declared type: an int expression of a float feature becomes float. */
function declaredAs(feature: FeatureDefinition, input: Expression): Expression {
  if (feature.type === undefined || !isFloat(feature.type) || !isInteger(input.type)) return input;
  const type = feature.type;
  return { type, evaluate: (row) => readValue(type, input.evaluate(row)) };
}

export function featureType(world: World, view: ViewDefinition, feature: FeatureDefinition): string {
  if (view.kind === 'row') return feature.type ?? '';
  const source = named(world.definitions.sources, view.source);
  const type = oracleOf(feature.aggregate ?? '').result(inputOf(view, feature, source)?.type ?? '');
  if (feature.by === undefined) return type;
  return feature.as === 'keys' ? 'list<string>' : `map<string,${type}>`;
}

function evaluate(expression: Expression, row: Readonly<Record<string, Value>>): Value | Fault {
  try {
    return expression.evaluate(row);
  } catch (error) {
    if (error instanceof ExpressionFault) return new Fault(error.message);
    throw error;
  }
}
