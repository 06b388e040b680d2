// Labels files → the temporary table `labels`: rid (0, 1, … in file order), t (microseconds), c0… (the original columns,
// keys in their declared types), l0… (the typed join keys). Text stays text: nothing is guessed into dates.
import { PlumbError } from '../../../schemas/errors.ts';
import type { DataType } from '../../../schemas/types.ts';
import { nearestName } from '../../nearest.ts';
import type { TrainingSetNode } from '../../plan/nodes.ts';
import { LABEL_ROW, type LabelColumns } from '../../sql/compile.ts';
import { ident, text, typeName } from '../../sql/duckdb/names.ts';
import { numberInstant, textInstant, timestampOf } from '../../sql/duckdb/scan.ts';
import type { LabelFiles } from '../engine.ts';
import type { DuckdbSession } from './session.ts';

export interface LoadedLabels extends LabelColumns {
  readonly rows: number;
}

interface Column {
  readonly name: string;
  readonly type: string;
}

const NUMBERS = new Set([
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'HUGEINT',
  'UHUGEINT',
]);
const FLOATS = new Set(['FLOAT', 'DOUBLE']);

export async function loadLabels(
  session: DuckdbSession,
  plan: TrainingSetNode,
  files: LabelFiles,
): Promise<LoadedLabels> {
  const { from, columns } = await openLabels(session, files);
  const names = columns.map(({ name }) => name);
  refuseCollisions(plan, names);
  const time = requireColumn(columns, plan.labels.timestampColumn, 'the timestamp column');
  const keys = plan.labels.keys.map((key) => ({ ...key, found: requireColumn(columns, key.column, 'a join key') }));
  const items = [
    'row_number() OVER () - 1 AS rid',
    `${timeSql(time, files)} AS t`,
    ...columns.map(({ name, type }, i) => `${outputColumn(plan, name, type)} AS c${i}`),
    ...keys.map(({ type, found }, i) => `${keySql(found, type)} AS l${i}`),
  ];
  await session.run(`CREATE TEMP TABLE labels AS\nSELECT ${items.join(', ')}\nFROM ${from}`);
  await refuseNullTimes(session, time);
  const { n, from_micros, to_micros } = await session.row(
    'SELECT count(*) AS n, min(t) AS from_micros, max(t) AS to_micros FROM labels',
  );
  if (from_micros === null || to_micros === null) throw new PlumbError('INVALID_LABELS', 'the labels have no rows');
  const interval = { fromMicros: BigInt(from_micros as bigint), toMicros: BigInt(to_micros as bigint) };
  return { names, rows: Number(n), interval };
}

/** A FROM item over the files, and its columns; text formats with the types that their text has beyond doubt. */
async function openLabels(
  session: DuckdbSession,
  { paths, format }: LabelFiles,
): Promise<{ from: string; columns: Column[] }> {
  const list = `[${paths.map(text).join(', ')}]`;
  try {
    if (format === 'parquet') return await described(session, `read_parquet(${list})`);
    return format === 'csv' ? await csvLabels(session, list) : await jsonLabels(session, list);
  } catch (error) {
    if (!(error instanceof PlumbError) || error.code !== 'ENGINE_FAILED') throw error;
    throw new PlumbError(
      'INVALID_LABELS',
      `the labels cannot be read as ${format}: ${error.message.replace('the engine failed: ', '')}`,
      { cause: error },
    );
  }
}

async function described(session: DuckdbSession, from: string): Promise<{ from: string; columns: Column[] }> {
  const rows = await session.rows(`DESCRIBE SELECT * FROM ${from}`);
  return { from, columns: rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) })) };
}

/** What CSV text must look like to be read as a value; anything else (`007`, `1_000`) stays text. */
const CSV_PATTERNS: readonly (readonly [type: string, pattern: string])[] = [
  ['BOOLEAN', 'true|false'],
  ['BIGINT', '-?(0|[1-9][0-9]{0,17})'],
  ['DOUBLE', '-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?'],
];

/** A CSV column has the first type whose pattern all of its text matches; join keys convert from text later. */
async function csvLabels(session: DuckdbSession, list: string): Promise<{ from: string; columns: Column[] }> {
  const reader = `read_csv(${list}, header = true, all_varchar = true, nullstr = '', allow_quoted_nulls = false)`;
  const { columns } = await described(session, reader);
  const checks = columns.flatMap(({ name }, i) =>
    CSV_PATTERNS.map(
      ([type, pattern]) =>
        `coalesce(bool_and(regexp_full_match(${ident(name)}, ${text(pattern)})), false) AS ${type.toLowerCase()}_${i}`,
    ),
  );
  const matches = await session.row(`SELECT ${checks.join(', ')} FROM ${reader}`);
  const typed = columns.map(({ name }, i) => ({
    name,
    type: CSV_PATTERNS.find(([type]) => matches[`${type.toLowerCase()}_${i}`] === true)?.[0] ?? 'VARCHAR',
  }));
  return {
    from: `(SELECT ${typed.map(({ name, type }) => `CAST(${ident(name)} AS ${type}) AS ${ident(name)}`).join(', ')} FROM ${reader})`,
    columns: typed,
  };
}

/** JSON strings stay strings: what the reader took for a date, a time or a UUID is read again as text. */
async function jsonLabels(session: DuckdbSession, list: string): Promise<{ from: string; columns: Column[] }> {
  const guessed = await described(session, `read_json(${list}, format = 'newline_delimited', sample_size = -1)`);
  const columns = guessed.columns.map(({ name, type }) => ({
    name,
    type: /^(DATE|TIME|TIMESTAMP|UUID|INTERVAL)/.test(type) ? 'VARCHAR' : type,
  }));
  if (columns.length === 1 && columns[0]?.name === 'json') return guessed;
  const typed = columns.map(({ name, type }) => `${text(name)}: ${text(type)}`).join(', ');
  return {
    from: `read_json(${list}, format = 'newline_delimited', columns = {${typed}}, maximum_object_size = 67108864)`,
    columns,
  };
}

function refuseCollisions(plan: TrainingSetNode, names: readonly string[]): void {
  const reserved = names.find((name) => name.toLowerCase() === LABEL_ROW);
  if (reserved !== undefined)
    throw new PlumbError('INVALID_LABELS', `label column ${reserved} has a name that Plumb uses itself; rename it`);
  const features = new Set(plan.outputs.map(({ name }) => name.toLowerCase()));
  const clash = names.find((name) => features.has(name.toLowerCase()));
  if (clash !== undefined) {
    throw new PlumbError(
      'INVALID_LABELS',
      `label column ${clash} has the name of a feature of service ${plan.service}; rename the column, or give the service's entry a prefix`,
    );
  }
  const duplicate = names.find(
    (name, i) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) !== i,
  );
  if (duplicate !== undefined)
    throw new PlumbError(
      'INVALID_LABELS',
      `label column ${duplicate} is there twice (names differ at least by more than case)`,
    );
}

function requireColumn(columns: readonly Column[], name: string, role: string): Column {
  const column = columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const names = columns.map((candidate) => candidate.name);
  const nearest = nearestName(name, names);
  const hint = nearest === null ? '' : `; did you mean ${nearest}?`;
  throw new PlumbError(
    'INVALID_LABELS',
    `the labels have no column ${name}, which is ${role}; they have ${names.join(', ') || 'no columns'}${hint}`,
    { details: { column: name } },
  );
}

/** The timestamp column and keys are output in their proper types, everything else as it came. */
function outputColumn(plan: TrainingSetNode, name: string, type: string): string {
  const key = plan.labels.keys.find(({ column }) => column === name);
  return key === undefined ? ident(name) : keySql({ name, type }, key.type);
}

function timeSql({ name, type }: Column, { timestampUnit }: LabelFiles): string {
  const raw = ident(name);
  const isFloat = FLOATS.has(type);
  if (NUMBERS.has(type) || isFloat) {
    if (timestampUnit !== null) return numberInstant(raw, timestampUnit, isFloat);
    throw new PlumbError(
      'INVALID_LABELS',
      `label column ${name} holds numbers; say their unit with --timestamp-unit s, ms or us`,
    );
  }
  if (timestampUnit !== null)
    throw new PlumbError('INVALID_LABELS', `label column ${name} is ${type}, not a number: leave --timestamp-unit out`);
  if (type === 'VARCHAR')
    return `epoch_us(${failing(raw, textInstant(raw), `label column ${name}`, 'an instant such as 2026-01-08T00:00:00Z')})`;
  if (type.startsWith('TIMESTAMP') || type === 'DATE') return `epoch_us(${timestampOf(raw, type)})`;
  throw new PlumbError('INVALID_LABELS', `label column ${name} is ${type}; expected timestamps, text or numbers`);
}

function keySql({ name, type }: Column, wanted: DataType): string {
  const raw = ident(name);
  if (typeName(wanted) === type) return raw;
  if (wanted === 'string' && NUMBERS.has(type)) return `CAST(${raw} AS VARCHAR)`;
  if (type === '"NULL"' || type === 'NULL' || type === 'JSON')
    return failing(
      `CAST(${raw} AS VARCHAR)`,
      `TRY_CAST(CAST(${raw} AS VARCHAR) AS ${typeName(wanted)})`,
      `label column ${name}`,
      wanted,
    );
  const integral = NUMBERS.has(type) && (wanted === 'int32' || wanted === 'int64');
  const parsed = type === 'VARCHAR' && wanted !== 'string';
  const whole = FLOATS.has(type) && (wanted === 'int32' || wanted === 'int64');
  if (integral) return failing(raw, `TRY_CAST(${raw} AS ${typeName(wanted)})`, `label column ${name}`, wanted);
  if (whole)
    return failing(
      raw,
      `CASE WHEN ${raw} = floor(${raw}) THEN TRY_CAST(${raw} AS ${typeName(wanted)}) END`,
      `label column ${name}`,
      wanted,
    );
  if (parsed) {
    const pattern = wanted === 'bool' ? '(?i)true|false' : '[+-]?[0-9]+';
    return failing(
      raw,
      `CASE WHEN regexp_full_match(${raw}, '${pattern}') THEN TRY_CAST(${raw} AS ${typeName(wanted)}) END`,
      `label column ${name}`,
      wanted,
    );
  }
  throw new PlumbError('INVALID_LABELS', `label column ${name} is ${type}, but the join key it names is ${wanted}`, {
    details: { column: name },
  });
}

/** The converted value; a value that is there but does not convert fails the query with its text. */
const failing = (raw: string, converted: string, place: string, expected: string): string =>
  `CASE WHEN ${raw} IS NULL THEN NULL ELSE coalesce(${converted}, error(${text(`PLUMB:INVALID_LABELS:${place}: found '`)} || replace(left(CAST(${raw} AS VARCHAR), 60), chr(10), ' ') || ${text(`', expected ${expected}`)})) END`;

async function refuseNullTimes(session: DuckdbSession, time: Column): Promise<void> {
  const { rid } = await session.row('SELECT min(rid) AS rid FROM labels WHERE t IS NULL');
  if (rid !== null)
    throw new PlumbError(
      'INVALID_LABELS',
      `label column ${time.name} is null in row ${Number(rid) + 1}; every label needs an instant`,
    );
}
