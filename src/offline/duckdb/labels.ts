// Labels files → the temporary table `labels`: rid (0, 1, … in file order), t (microseconds), c0… (the original columns,
// keys in their declared types), l0… (the typed join keys). Text stays text: nothing is guessed into dates.
import { basename } from 'node:path';
import { PlumbError } from '../../../schemas/errors.ts';
import type { DataType } from '../../../schemas/types.ts';
import { formatInstant, parseInstant } from '../../instant.ts';
import { nearestName } from '../../nearest.ts';
import type { TrainingSetNode } from '../../plan/nodes.ts';
import { LABEL_ROW, type LabelColumns } from '../../sql/compile.ts';
import { fileList, ident, pathPattern, text, typeName } from '../../sql/duckdb/names.ts';
import { csvReaderSql, numberInstant, textInstant, timestampOf } from '../../sql/duckdb/scan.ts';
import type { LabelFiles } from '../engine.ts';
import { duplicateName, readCsvHeader } from './csv-header.ts';
import { withoutFolders } from './engine-failure.ts';
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
  try {
    return await load(session, plan, files);
  } catch (error) {
    if (!(error instanceof PlumbError) || !['ENGINE_FAILED', 'SOURCE_MISMATCH'].includes(error.code)) throw error;
    const why = withoutFolders(withoutPaths(error.message.replace('the engine failed: ', ''), files));
    throw new PlumbError('INVALID_LABELS', `the labels cannot be read as ${files.format}: ${why}`, { cause: error });
  }
}

/** Clients read these words. */
const withoutPaths = (message: string, { paths, name }: LabelFiles): string =>
  paths
    .flatMap((path) => [path, pathPattern(path), basename(path)])
    .reduce((words, path) => words.replaceAll(path, () => name), message);

async function load(session: DuckdbSession, plan: TrainingSetNode, files: LabelFiles): Promise<LoadedLabels> {
  const { from, columns } = await openLabels(session, plan, files);
  const names = columns.map(({ name }) => name);
  refuseCollisions(plan, names);
  const time = requireColumn(columns, plan.labels.timestampColumn, 'the timestamp column');
  const keys = plan.labels.keys.map((key) => ({ ...key, found: requireColumn(columns, key.column, 'a join key') }));
  const items = [
    `${LABEL_ROW} AS rid`,
    `${timeSql(time, files)} AS t`,
    ...columns.map(({ name, type }, i) => `${outputColumn(plan, name, type)} AS c${i}`),
    ...keys.map(({ type, found }, i) => `${keySql(found, type)} AS l${i}`),
  ];
  const numbered = `(SELECT *, row_number() OVER () - 1 AS ${LABEL_ROW} FROM ${from})`;
  await session.run(`CREATE TEMP TABLE labels AS\nSELECT ${items.join(', ')}\nFROM ${numbered}`);
  await refuseNullTimes(session, time);
  const { n, from_micros, to_micros } = await session.row(
    'SELECT count(*) AS n, min(t) AS from_micros, max(t) AS to_micros FROM labels',
  );
  if (from_micros === null || to_micros === null) throw new PlumbError('INVALID_LABELS', 'the labels have no rows');
  const interval = { fromMicros: BigInt(from_micros as bigint), toMicros: BigInt(to_micros as bigint) };
  requirePlausible(time, interval);
  return { names, rows: Number(n), interval };
}

const FIRST_YEAR = parseInstant('0001-01-01') as bigint;
const YEAR_10000 = (parseInstant('9999-12-31') as bigint) + 86_400_000_000n;

/** A number read in the wrong unit is off by a factor of a thousand. */
function requirePlausible({ name }: Column, { fromMicros, toMicros }: { fromMicros: bigint; toMicros: bigint }): void {
  if (fromMicros >= FIRST_YEAR && toMicros < YEAR_10000) return;
  const reach = `${formatInstant(fromMicros)} to ${formatInstant(toMicros)}`;
  throw new PlumbError('INVALID_LABELS', `label column ${name} reaches from ${reach}; is its unit the right one?`);
}

/** A FROM item over the files, and its columns; text formats with the types that their text has beyond doubt. */
async function openLabels(
  session: DuckdbSession,
  plan: TrainingSetNode,
  { paths, format }: LabelFiles,
): Promise<{ from: string; columns: Column[] }> {
  const list = fileList(paths);
  if (format === 'parquet') return await described(session, `read_parquet(${list}, hive_partitioning = false)`);
  return format === 'csv' ? await csvLabels(session, plan, paths) : await jsonLabels(session, list);
}

async function described(session: DuckdbSession, from: string): Promise<{ from: string; columns: Column[] }> {
  const rows = await session.rows(`DESCRIBE SELECT * FROM ${from}`);
  return { from, columns: rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) })) };
}

/**
 * What CSV text must look like to be read as a value: text that the value would be written as again. Anything else (`007`,
 * `1_000`, `1.10`, a number of more digits than its type holds) stays text.
 */
const CSV_PATTERNS: readonly (readonly [type: string, pattern: string])[] = [
  ['BOOLEAN', 'true|false'],
  ['BIGINT', '0|-?[1-9][0-9]{0,18}'],
  ['DOUBLE', '-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?'],
];

/** A CSV column has the first type that all of its text fits; join keys are left as text, which converts exactly later. */
async function csvLabels(
  session: DuckdbSession,
  { labels }: TrainingSetNode,
  paths: readonly string[],
): Promise<{ from: string; columns: Column[] }> {
  const headers = new Map<string, readonly string[]>();
  for (const path of paths) headers.set(path, await readCsvHeader(path));
  const names = headers.get(paths[0] ?? '') ?? [];
  if (names.length === 0) throw new PlumbError('INVALID_LABELS', 'the labels file is empty: it has not even a header');
  const twice = duplicateName(names);
  if (twice !== null) throw new PlumbError('INVALID_LABELS', `the labels have the column ${twice} twice`);
  const reader = csvReaderSql({ paths, headers });
  const columns = names.map((name) => ({ name }));
  const keys = new Set(labels.keys.map(({ column }) => column));
  const checks = columns.flatMap(({ name }, i) =>
    CSV_PATTERNS.map(([type, pattern]) => {
      const fits = csvFits(ident(name), type, pattern, name === labels.timestampColumn);
      return `coalesce(bool_and(${fits}), false) AS ${type.toLowerCase()}_${i}`;
    }),
  );
  const matches = await session.row(`SELECT ${checks.join(', ')} FROM ${reader}`);
  const typed = columns.map(({ name }, i) => ({
    name,
    type: keys.has(name)
      ? 'VARCHAR'
      : (CSV_PATTERNS.find(([type]) => matches[`${type.toLowerCase()}_${i}`] === true)?.[0] ?? 'VARCHAR'),
  }));
  return {
    from: `(SELECT ${typed.map(({ name, type }) => `CAST(${ident(name)} AS ${type}) AS ${ident(name)}`).join(', ')} FROM ${reader})`,
    columns: typed,
  };
}

/** Null for null. The instant of a label may be any number: it is used as one. */
function csvFits(raw: string, type: string, pattern: string, isInstant: boolean): string {
  const matches = `regexp_full_match(${raw}, ${text(pattern)})`;
  if (type === 'BIGINT') return `(${matches} AND (${raw} IS NULL OR TRY_CAST(${raw} AS BIGINT) IS NOT NULL))`;
  if (type !== 'DOUBLE' || isInstant) return matches;
  return `(${matches} AND coalesce(CAST(TRY_CAST(${raw} AS DOUBLE) AS VARCHAR), '') IN (${raw}, ${raw} || '.0'))`;
}

/** JSON strings stay strings: what the reader took for a date, a time or a UUID is read again as text. */
async function jsonLabels(session: DuckdbSession, list: string): Promise<{ from: string; columns: Column[] }> {
  const guessed = await described(
    session,
    `read_json(${list}, format = 'newline_delimited', sample_size = -1, hive_partitioning = false)`,
  );
  const columns = guessed.columns.map(({ name, type }) => ({
    name,
    type: type.replace(/^(DATE|TIME|UUID|INTERVAL)[A-Z_ ]*/, 'VARCHAR'),
  }));
  if (columns.length === 1 && columns[0]?.name === 'json') return guessed;
  const typed = columns.map(({ name, type }) => `${text(name)}: ${text(type)}`).join(', ');
  return {
    from: `read_json(${list}, format = 'newline_delimited', columns = {${typed}}, maximum_object_size = 67108864, hive_partitioning = false)`,
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

/** Keys are output in their declared types, everything else as it came. */
function outputColumn(plan: TrainingSetNode, name: string, type: string): string {
  const key = plan.labels.keys.find(({ column }) => column === name);
  return key === undefined ? ident(name) : keySql({ name, type }, key.type);
}

function timeSql({ name, type }: Column, { timestampUnit }: LabelFiles): string {
  const raw = ident(name);
  const isFloat = FLOATS.has(type);
  if (NUMBERS.has(type) || isFloat) {
    const expected = `a number of ${timestampUnit} since 1970 within int64 microseconds`;
    if (timestampUnit !== null)
      return failing(raw, `TRY(${numberInstant(raw, timestampUnit, isFloat)})`, `label column ${name}`, expected);
    throw new PlumbError(
      'INVALID_LABELS',
      `label column ${name} holds numbers; say their unit, s, ms or us (--timestamp-unit, over HTTP timestampUnit)`,
    );
  }
  if (timestampUnit !== null)
    throw new PlumbError(
      'INVALID_LABELS',
      `label column ${name} is ${type}, not a number: leave its unit out (--timestamp-unit, over HTTP timestampUnit)`,
    );
  if (type === 'VARCHAR')
    return `epoch_us(${failing(raw, textInstant(raw), name, 'an instant such as 2026-01-08T00:00:00Z')})`;
  if (type.startsWith('TIMESTAMP') || type === 'DATE') return `epoch_us(${timestampOf(raw, type)})`;
  throw new PlumbError('INVALID_LABELS', `label column ${name} is ${type}; expected timestamps, text or numbers`);
}

/** Beyond it a float64 stands for several integers. */
const EXACT_IN_DOUBLE = '9007199254740991';

function keySql({ name, type }: Column, wanted: DataType): string {
  const raw = ident(name);
  if (typeName(wanted) === type) return raw;
  if (type === 'VARCHAR') return textKey(raw, name, wanted);
  if (type === 'JSON') return textKey(`(${raw} ->> '$')`, name, wanted); // a column of texts and numbers mixed
  if (/^"?NULL"?$/.test(type)) return textKey(`CAST(${raw} AS VARCHAR)`, name, wanted);
  if (wanted === 'string' && NUMBERS.has(type)) return `CAST(${raw} AS VARCHAR)`;
  const cast = `TRY_CAST(${raw} AS ${typeName(wanted)})`;
  const isInteger = wanted === 'int32' || wanted === 'int64';
  if (isInteger && NUMBERS.has(type)) return failing(raw, cast, name, wanted);
  const whole = `CASE WHEN ${raw} = floor(${raw}) AND abs(${raw}) <= ${EXACT_IN_DOUBLE} THEN ${cast} END`;
  if (isInteger && FLOATS.has(type)) return failing(raw, whole, name, wanted);
  throw new PlumbError('INVALID_LABELS', `label column ${name} is ${type}, but the join key it names is ${wanted}`, {
    details: { column: name },
  });
}

function textKey(raw: string, name: string, wanted: DataType): string {
  if (wanted === 'string') return raw;
  const pattern = wanted === 'bool' ? '(?i)true|false' : '[+-]?[0-9]+([.]0*)?';
  const converted = `CASE WHEN regexp_full_match(${raw}, '${pattern}') THEN TRY_CAST(${raw} AS ${typeName(wanted)}) END`;
  return failing(raw, converted, name, wanted);
}

/** The converted value; a value that is there but does not convert fails the query with its text and row. */
const failing = (raw: string, converted: string, name: string, expected: string): string =>
  `CASE WHEN ${raw} IS NULL THEN NULL ELSE coalesce(${converted}, error(${text(`PLUMB:INVALID_LABELS:label column ${name}, row `)} || (${LABEL_ROW} + 1) || ${text(`: found '`)} || replace(left(CAST(${raw} AS VARCHAR), 60), chr(10), ' ') || ${text(`', expected ${expected}`)})) END`;

async function refuseNullTimes(session: DuckdbSession, time: Column): Promise<void> {
  const { rid } = await session.row('SELECT min(rid) AS rid FROM labels WHERE t IS NULL');
  if (rid !== null)
    throw new PlumbError(
      'INVALID_LABELS',
      `label column ${time.name} is null in row ${Number(rid) + 1}; every label needs an instant`,
    );
}
