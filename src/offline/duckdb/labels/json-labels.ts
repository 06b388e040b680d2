// Labels in JSON Lines. Strings stay strings; integers keep all their digits; names are those of the text.

import type { DataType } from '../../../../schemas/types.ts';
import { fileList, ident, text } from '../../../sql/duckdb/names.ts';
import type { DuckdbSession } from '../session.ts';
import { brokenLine } from './broken-line.ts';
import { type Column, invalid, type OpenedLabels, refuseNames, shortened } from './columns.ts';
import { type JsonLinesFile, requireBoundedLines } from './json-scan.ts';
import { requireFewColumns } from './label-shape.ts';

const OPTIONS = "format = 'newline_delimited', hive_partitioning = false, maximum_object_size = 67108864";

export interface JsonLabels extends JsonLinesFile {
  readonly keys: readonly { readonly column: string; readonly type: DataType }[];
}

export async function jsonLabels(session: DuckdbSession, { keys, ...file }: JsonLabels): Promise<OpenedLabels> {
  await requireBoundedLines(file);
  const list = fileList([file.path]);
  await engineReads(session, file, `SELECT count(json_type(json)) FROM read_json_objects(${list}, ${OPTIONS})`);
  await requireObjects(session, list);
  await requireNames(session, list, file);
  const described = await engineReads(
    session,
    file,
    `DESCRIBE SELECT * FROM read_json(${list}, ${OPTIONS}, sample_size = -1, field_appearance_threshold = 0)`,
  );
  const guessed = described.map((row) => ({
    name: String(row.column_name),
    type: withoutGuesses(String(row.column_type)),
  }));
  await requireWholeKeys(session, list, keysIn(guessed, keys));
  const columns = await withAllDigits(session, list, { columns: await withoutEmpty(session, list, guessed), keys });
  return { from: readerSql(list, columns), columns, problem: () => brokenLine(file.path, file.name) };
}

const readerSql = (list: string, columns: readonly Column[]): string =>
  `read_json(${list}, ${OPTIONS}, columns = {${columns.map(({ name, type }) => `${text(name)}: ${text(type)}`).join(', ')}})`;

/** What the engine took for a date, a time or a UUID is read again as text. */
const withoutGuesses = (type: string): string => type.replace(/^(DATE|TIME|UUID|INTERVAL)[A-Z_ ]*/, 'VARCHAR');

async function requireNames(session: DuckdbSession, list: string, { name, limits }: JsonLinesFile): Promise<void> {
  const rows = await session.rows(
    `SELECT DISTINCT unnest(json_keys(json)) AS name FROM read_json_objects(${list}, ${OPTIONS})`,
  );
  if (rows.length === 0) throw invalid('the labels have no rows');
  requireFewColumns(rows.length, name, limits);
  refuseNames(rows.map((row) => String(row.name)));
}

/** What the engine cannot read is looked for in the file, to be told in our words. */
async function engineReads(session: DuckdbSession, { path, name }: JsonLinesFile, sql: string) {
  try {
    return await session.rows(sql);
  } catch (error) {
    const broken = await brokenLine(path, name);
    throw broken === null ? error : invalid(broken);
  }
}

/** A column without a value has no type that the engine could guess: it is text. */
async function withoutEmpty(
  session: DuckdbSession,
  list: string,
  columns: readonly Column[],
): Promise<readonly Column[]> {
  const untyped = columns.filter(({ type }) => type === 'JSON');
  if (untyped.length === 0) return columns;
  const counts = untyped.map(({ name }, i) => `count(${ident(name)}) AS n_${i}`);
  const facts = await session.row(`SELECT ${counts.join(', ')} FROM ${readerSql(list, untyped)}`);
  const empty = new Set(untyped.filter((_, i) => Number(facts[`n_${i}`]) === 0));
  return columns.map((column) => (empty.has(column) ? { ...column, type: 'VARCHAR' } : column));
}

/** One object in each line, each name once. */
async function requireObjects(session: DuckdbSession, list: string): Promise<void> {
  const lines = `(SELECT json, row_number() OVER () AS n FROM read_json_objects(${list}, ${OPTIONS}))`;
  const [other] = await session.rows(
    `SELECT n, json_type(json) AS found FROM ${lines} WHERE json_type(json) <> 'OBJECT' ORDER BY n LIMIT 1`,
  );
  if (other !== undefined)
    throw invalid(`labels row ${other.n}: found a JSON ${String(other.found).toLowerCase()}, expected an object`);
  const [twice] = await session.rows(
    `SELECT n, list_filter(json_keys(json), lambda k: len(list_filter(json_keys(json), lambda o: o = k)) > 1)[1] AS name FROM ${lines} WHERE len(json_keys(json)) <> len(list_distinct(json_keys(json))) ORDER BY n LIMIT 1`,
  );
  if (twice !== undefined)
    throw invalid(
      `labels row ${twice.n}: found the name ${shortened(String(twice.name))} twice in one object, expected it once`,
    );
}

const keysIn = (columns: readonly Column[], keys: JsonLabels['keys']): readonly string[] =>
  keys
    .filter(({ type }) => type === 'int32' || type === 'int64')
    .map(({ column }) => column)
    .filter((column) => columns.some(({ name, type }) => name === column && type === 'DOUBLE'));

/** The engine would round `1.0000000000000000001` to 1 before anybody sees it. */
async function requireWholeKeys(session: DuckdbSession, list: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const quoted = JSON.stringify(key).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    const pattern = `${quoted}\\s*:\\s*(-?[0-9]+[.][0-9]*[1-9][0-9]*)\\s*[,}]`;
    const [row] = await session.rows(
      `SELECT n, found FROM (SELECT row_number() OVER () AS n, regexp_extract(CAST(json AS VARCHAR), ${text(pattern)}, 1) AS found FROM read_json_objects(${list}, ${OPTIONS})) WHERE found <> '' ORDER BY n LIMIT 1`,
    );
    if (row !== undefined)
      throw invalid(`label column ${key}, row ${row.n}: found '${shortened(String(row.found))}', expected an integer`, {
        column: key,
      });
  }
}

const HAS_WIDE_NUMBERS = /DOUBLE|HUGEINT|UBIGINT/;
const EXACT_IN_DOUBLE = '9007199254740992';

/** Numbers that the guessed type would round: integers as unsigned or decimal, whatever these cannot hold as text. */
async function withAllDigits(
  session: DuckdbSession,
  list: string,
  { columns, keys }: { readonly columns: readonly Column[]; readonly keys: JsonLabels['keys'] },
): Promise<readonly Column[]> {
  const isKey = (name: string): boolean => keys.some(({ column }) => column === name);
  const doubtful = columns.filter(
    ({ name, type }) => HAS_WIDE_NUMBERS.test(type) && !(type === 'DOUBLE' && isKey(name)),
  );
  if (doubtful.length === 0) return columns;
  const from = readerSql(
    list,
    doubtful.map(({ name }) => ({ name, type: 'VARCHAR' })),
  );
  const checks = doubtful.flatMap(({ name }, i) => numberChecks(ident(name), i));
  const facts = await session.row(`SELECT ${checks.join(', ')} FROM ${from}`);
  const types = new Map(doubtful.map(({ name, type }, i) => [name, exactType(type, facts, i)]));
  return columns.map((column) => ({ ...column, type: types.get(column.name) ?? column.type }));
}

const OUTSIDE_STRINGS = `'"(\\\\.|[^"\\\\])*"', '""', 'g'`;

function numberChecks(raw: string, i: number): string[] {
  const isInteger = `regexp_full_match(${raw}, '-?[0-9]+')`;
  const integer = `CASE WHEN ${isInteger} THEN TRY_CAST(${raw} AS HUGEINT) END`;
  const nested = `regexp_matches(regexp_replace(${raw}, ${OUTSIDE_STRINGS}), '(^|[\\[,:])-?[0-9]{16,}([,\\]}]|$)')`;
  return [
    `coalesce(bool_and(${isInteger}), false) AS whole_${i}`,
    `bool_and(coalesce(${integer} BETWEEN 0 AND 18446744073709551615, ${raw} IS NULL)) AS unsigned_${i}`,
    `coalesce(max(length(ltrim(${raw}, '-'))), 0) <= 38 AS decimal_${i}`,
    `coalesce(bool_or(${isInteger} AND coalesce(abs(${integer}) > ${EXACT_IN_DOUBLE}, true) OR NOT isfinite(TRY_CAST(${raw} AS DOUBLE))), false) AS beyond_${i}`,
    `coalesce(bool_or(${nested}), false) AS nested_${i}`,
  ];
}

function exactType(type: string, facts: Readonly<Record<string, unknown>>, i: number): string {
  const is = (fact: string): boolean => facts[`${fact}_${i}`] === true;
  if (!/^(DOUBLE|HUGEINT|UBIGINT)$/.test(type)) return is('nested') ? 'VARCHAR' : type.replaceAll('HUGEINT', 'BIGINT');
  if (is('whole')) return wholeType(is);
  return is('beyond') ? 'VARCHAR' : 'DOUBLE';
}

function wholeType(is: (fact: string) => boolean): string {
  if (is('unsigned')) return 'UBIGINT';
  return is('decimal') ? 'DECIMAL(38,0)' : 'VARCHAR';
}
