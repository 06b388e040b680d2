// Tables of a world as the files that sources read.
import { elementType, type Json, readValue } from '../oracle/values.ts';
import type { Table } from '../oracle/world.ts';

/** Cases write integers beyond 2^53 as text; files hold them as numbers with all digits. */
export const jsonLines = ({ columns, rows }: Table): string =>
  rows
    .map((row) => `{${columns.map(([name, type], i) => `${JSON.stringify(name)}:${cellText(type, row[i])}`)}}\n`)
    .join('');

function cellText(type: string, value: Json | undefined): string {
  const element = elementType(type);
  if (Array.isArray(value)) return `[${value.map((item: Json) => cellText(element ?? '', item))}]`;
  return typeof value === 'string' && /^int(32|64)$/.test(type) ? value : JSON.stringify(value ?? null);
}

const READ_AS: Readonly<Record<string, string>> = {
  bool: 'BOOLEAN',
  int32: 'INTEGER',
  int64: 'BIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  string: 'VARCHAR',
  timestamp: 'BIGINT',
  bytes: 'VARCHAR',
};

/** JSON Lines that `parquetSelect` can read: instants as microseconds, so that no engine has parsed their text. */
export const plainJsonLines = ({ columns, rows }: Table): string =>
  jsonLines({
    columns: columns.map(([name, type]) => [name, type === 'timestamp' ? 'int64' : type]),
    rows: rows.map((row) => row.map((cell, i) => (columns[i]?.[1] === 'timestamp' ? micros(cell) : cell))),
  });

const micros = (cell: Json): Json => (cell === null ? null : String(readValue('timestamp', cell)));

/** The SELECT that gives the rows of such a file in the types of their columns. */
export function parquetSelect(columns: Table['columns'], file: string): string {
  const readAs = columns.map(([name, type]) => {
    const element = elementType(type);
    return `${name}: '${element === undefined ? READ_AS[type] : `${READ_AS[element]}[]`}'`;
  });
  const items = columns.map(([name, type]) => {
    if (type === 'timestamp') return `make_timestamp("${name}") AS "${name}"`;
    return type === 'bytes' ? `from_base64("${name}") AS "${name}"` : `"${name}"`;
  });
  return `SELECT ${items} FROM read_json('${file}', format = 'newline_delimited', columns = {${readAs}})`;
}
