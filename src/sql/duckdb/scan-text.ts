// Text files of a source → a FROM item with one column of text per declared column, k0, k1, … in declared order, and
// `file`, the file's path. CSV columns are taken by their place, JSON members by their exact names: what a name looks like
// never matters. Text that is not a value of its declared type fails the query, naming file and column.
import type { DataType, ScalarType } from '../../../schemas/types.ts';
import { elementType, isIntegerType, vectorLength } from '../../../schemas/types.ts';
import type { CsvDialect, Source } from '../../catalog/catalog.ts';
import { DEFAULT_DIALECT } from '../../catalog/catalog.ts';
import { fileNameSql } from './file-name.ts';
import { escaped, fileList, text, typeName } from './names.ts';
import type { ScannedFiles } from './scanned.ts';

type TextFiles = Pick<ScannedFiles, 'paths' | 'headers' | 'compressions'>;
type TextSource = Pick<Source, 'name' | 'path' | 'format' | 'columns' | 'csv'>;

/** The text of a declared column in `textReaderSql`. */
export const textColumn = (source: Pick<Source, 'columns'>, name: string): string =>
  `k${[...source.columns.keys()].indexOf(name)}`;

export function textReaderSql(source: TextSource, files: TextFiles): string {
  const groups = Map.groupBy(files.paths, (path) => JSON.stringify(groupOf(files, path)));
  const selects = [...groups].map(([key, paths]) => {
    const { header, compression } = JSON.parse(key) as Group;
    return source.format === 'csv'
      ? csvSelect(source, { header, compression, paths })
      : jsonSelect(source, { compression, paths });
  });
  return `(${selects.join('\nUNION ALL\n')})`;
}

interface Group {
  readonly header: readonly string[];
  readonly compression: string;
}

/** Files of one header and one compression are read together. */
const groupOf = ({ headers, compressions }: TextFiles, path: string): Group => ({
  header: headers?.get(path) ?? [],
  compression: compressions?.get(path) ?? 'none',
});

function csvSelect(
  { columns, csv = DEFAULT_DIALECT }: TextSource,
  { header, compression, paths }: Group & { readonly paths: readonly string[] },
): string {
  const items = [...columns.keys()].map((name, i) => `h${header.indexOf(name)} AS k${i}`);
  const options = csvOptions(
    csv,
    header.map((_name, i) => `h${i}`),
  );
  return `SELECT ${items.join(', ')}, filename AS file FROM read_csv(${fileList(paths)}, ${options}, compression = ${text(compression)}, hive_partitioning = false, filename = true)`;
}

/** Nothing is sniffed, skipped or padded: a row that does not fit is an error. */
function csvOptions({ delimiter, nullValues, header }: CsvDialect, names: readonly string[]): string {
  const columns = names.map((name) => `${text(name)}: 'VARCHAR'`);
  return `header = ${header === true}, auto_detect = false, delim = ${text(delimiter)}, quote = '"', escape = '"', columns = {${columns.join(', ')}}, strict_mode = true, null_padding = false, nullstr = [${nullValues.map(text).join(', ')}], allow_quoted_nulls = false`;
}

function jsonSelect(
  source: TextSource,
  { compression, paths }: { readonly compression: string; readonly paths: readonly string[] },
): string {
  const reader = `read_json_objects(${fileList(paths)}, format = 'newline_delimited', compression = ${text(jsonCompression(compression))}, hive_partitioning = false, filename = true, maximum_object_size = 67108864)`;
  return linesSql(source, `SELECT json, filename AS file FROM ${reader}`, 'json, file');
}

/**
 * Every line is one object whose names are there once; members are found by JSON pointers, which take any name. `lines`
 * selects `json` and `file`, and whatever else is `carried` along.
 */
export function linesSql(source: TextSource, lines: string, carried: string): string {
  const names = [...source.columns.keys()];
  const items = names.map((_name, i) => `found[${i + 1}] AS k${i}`);
  const pointers = names.map((column) => text(pointer(column)));
  const keys = 'json_keys(json)';
  const twice = `list_filter(${keys}, lambda key, i: list_position(${keys}, key) < i)[1]`;
  const found = `CASE WHEN json_type(json) <> 'OBJECT' THEN ${failure(source, null, 'left(json, 60)', 'one JSON object on each line')} WHEN len(${keys}) <> list_unique(${keys}) THEN ${failure(source, null, `${text('the name ')} || left(${twice}, 60) || ${text(' twice')}`, 'every name once')} ELSE json_extract_string(json, [${pointers.join(', ')}]) END`;
  return `SELECT ${items.join(', ')}, ${carried} FROM (SELECT ${found} AS found, ${carried} FROM (${lines}))`;
}

/** The JSON reader has another word for none. */
export const jsonCompression = (compression: string): string => (compression === 'none' ? 'uncompressed' : compression);

/** RFC 6901. */
const pointer = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The value of a declared column. */
export function textAs(source: TextSource, name: string, type: DataType): string {
  const raw = textColumn(source, name);
  const cell: Cell = { source, name, raw, type };
  const element = elementType(type);
  if (element === null) return scalarText(cell, type as ScalarType);
  const texts = `TRY_CAST(TRY_CAST(${raw} AS JSON) AS VARCHAR[])`;
  const parsed = strict(cell, element === 'string' ? withoutOthers(texts, raw) : texts);
  const item: Cell = { ...cell, raw: 'item', isElement: true };
  const list = `list_transform(${parsed}, lambda item: ${scalarText(item, element)})`;
  const length = vectorLength(type);
  if (length === null) return `CAST(${list} AS ${typeName(type)})`;
  return `CASE WHEN ${raw} IS NULL THEN NULL WHEN len(${parsed}) = ${length} THEN CAST(${list} AS ${typeName(type)}) ELSE ${mismatch(cell)} END`;
}

/** Null where an element of a JSON list is a list, an object or a boolean. */
function withoutOthers(texts: string, raw: string): string {
  const types = `list_transform(TRY_CAST(TRY_CAST(${raw} AS JSON) AS JSON[]), lambda item: json_type(item))`;
  return `CASE WHEN NOT regexp_matches(${raw}, '[[,]\\s*([[{]|true|false)') OR NOT list_has_any(${types}, ['OBJECT', 'ARRAY', 'BOOLEAN']) THEN ${texts} END`;
}

interface Cell {
  readonly source: TextSource;
  readonly name: string;
  readonly raw: string;
  readonly type: DataType;
  readonly isElement?: boolean;
}

function scalarText(cell: Cell, type: ScalarType): string {
  const { raw } = cell;
  if (type === 'string') return stringText(cell);
  if (type === 'timestamp') return `CASE WHEN ${isInfinite(raw)} THEN NULL ELSE ${strict(cell, instantText(raw))} END`;
  if (type === 'bytes') return strict(cell, `TRY(from_base64(${raw}))`);
  const cast = `TRY_CAST(${raw} AS ${typeName(type)})`;
  if (type === 'bool') return strict(cell, cast);
  if (!isIntegerType(type)) return strict(cell, `CASE WHEN regexp_full_match(${raw}, ${text(FLOAT)}) THEN ${cast} END`);
  const isWhole = `regexp_full_match(${raw}, '[+-]?[0-9]+')`;
  const hasZeros = `regexp_full_match(${raw}, '[+-]?[0-9]+\\.0*') AND ${keptDigits(cell)}`;
  return strict(cell, `CASE WHEN ${isWhole} OR (${hasZeros}) THEN ${cast} END`);
}

/** No digit groups (`1_000`), no hexadecimal digits. */
const FLOAT = ' *[+-]?(?i:([0-9]+([.][0-9]*)?|[.][0-9]+)(e[+-]?[0-9]+)?|nan|inf|infinity) *';

/** Beyond it a float64 stands for several integers. */
const EXACT_IN_DOUBLE = '9007199254740991';

/**
 * JSON numbers with a fraction or an exponent reach SQL as float64: `1.0000000000000000001` as `1.0`. The line itself says
 * whether the digits were kept.
 */
function keptDigits({ source, name, raw, isElement }: Cell): string {
  if (source.format === 'csv') return 'true';
  if (isElement === true) return `NOT regexp_matches(json, '[0-9.]{16}')`;
  const whole = `"?[+-]?[0-9]+([.]0*)?([eE][+]?[0-9]+)?"?`;
  return `abs(TRY_CAST(${raw} AS HUGEINT)) <= ${EXACT_IN_DOUBLE} AND ${everyMember(name, text(whole))}`;
}

/** Whether the member, and each of the same name in nested objects, is written as a pattern says. */
function everyMember(name: string, patternSql: string): string {
  const count = (pattern: string): string => `len(regexp_extract_all(json, ${text(member(name))} || ${pattern}))`;
  return `${count(`${patternSql} || '\\s*[,}]'`)} = greatest(1, ${count("''")})`;
}

const member = (name: string): string => `${escaped(JSON.stringify(name))}\\s*:\\s*`;

/** A JSON number where text is declared keeps its digits, or is refused; a list, an object or a boolean is refused. */
function stringText(cell: Cell): string {
  const { source, name, raw, isElement } = cell;
  if (source.format === 'csv') return raw;
  const looks = `regexp_full_match(${raw}, '-?[0-9]+[.][0-9]*(e[+-]?[0-9]+)?|-?[0-9]+e[+-]?[0-9]+')`;
  const kept =
    isElement === true
      ? `NOT regexp_matches(json, '[0-9.]{16}')`
      : `(json_type(json, ${text(pointer(name))}) = 'VARCHAR' OR ${everyMember(name, `regexp_escape(${raw})`)})`;
  const other =
    isElement === true
      ? ''
      : ` WHEN ${mayBeOther(raw)} AND json_type(json, ${text(pointer(name))}) IN ${OTHERS} THEN ${mismatch(cell)}`;
  return `CASE WHEN ${looks} AND NOT ${kept} THEN ${mismatch(cell)}${other} ELSE ${raw} END`;
}

/** What no text is; looked for only where the text looks like it. */
const OTHERS = "('OBJECT', 'ARRAY', 'BOOLEAN')";
const mayBeOther = (raw: string): string => `regexp_full_match(${raw}, '(?s)[[{].*|true|false')`;

const strict = (cell: Cell, converted: string): string =>
  `CASE WHEN ${cell.raw} IS NULL THEN NULL ELSE coalesce(${converted}, ${mismatch(cell)}) END`;

const mismatch = ({ source, name, raw, type }: Cell): string => failure(source, name, raw, type);

/** `found` is SQL. */
const failure = (source: TextSource, column: string | null, found: string, expected: string): string =>
  `error(${text(`PLUMB:SOURCE_MISMATCH:source ${source.name}, file `)} || ${fileNameSql(source, 'file')} || ${text(`${column === null ? '' : `, column ${column}`}: found '`)} || replace(left(${found}, 60), chr(10), ' ') || ${text(`', expected ${expected}; mend the file, or change the column's type and run plumb apply`)})`;

/** As other programs write an instant without end; it reads as null, like the infinities of numbers. */
const isInfinite = (raw: string): string => `regexp_full_match(${raw}, ' *[+-]?(?i:inf|infinity) *')`;

const instantText = (raw: string): string => `CAST(${textInstant(raw)} AS TIMESTAMP)`;

const TIME = '([01][0-9]|2[0-3]|[0-9]):[0-5]?[0-9](:[0-5]?[0-9]([.][0-9]+)?)?';
const ZONE = '[Zz]|UTC|GMT|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?';
const INSTANT = `[0-9]{4,6}[-/][0-9]{1,2}[-/][0-9]{1,2}([Tt ]${TIME}( ?(${ZONE}))?)?`;

/** Offsets count, without one it is UTC; more than six digits of a second are cut, which floors. Null for other text. */
export function textInstant(raw: string): string {
  const seconds = `regexp_replace(${raw}, '^([^:]*[Tt ][0-9]+:[0-9]+)( ?([Zz+-].*|UTC|GMT))$', '\\1:00\\2')`;
  const micros = `regexp_replace(${seconds}, '([.][0-9]{6})[0-9]+', '\\1')`;
  const zone = `regexp_replace(${micros}, '(:[0-9.]+) ([Zz+-])', '\\1\\2')`;
  return `CASE WHEN regexp_full_match(${raw}, ${text(INSTANT)}) THEN TRY_CAST(${zone} AS TIMESTAMPTZ) END`;
}
