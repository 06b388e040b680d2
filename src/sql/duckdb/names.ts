// Names, texts and types in DuckDB's SQL, quoted always.
import { PlumbError } from '../../../schemas/errors.ts';
import { type DataType, type ScalarType, shapeOf } from '../../../schemas/types.ts';

const SCALARS: Readonly<Record<ScalarType, string>> = {
  bool: 'BOOLEAN',
  int32: 'INTEGER',
  int64: 'BIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP',
  bytes: 'BLOB',
};

export const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A quoted string; NUL, which DuckDB's parser would cut at, is refused. */
export function text(value: string): string {
  if (value.includes('\0'))
    throw new PlumbError('INVALID_REQUEST', 'text with a NUL character cannot be part of a query');
  return `'${value.replaceAll("'", "''")}'`;
}

/** The pattern that matches this path alone: readers take `[`, `*` and `?` in paths for patterns. */
export const pathPattern = (path: string): string => path.replaceAll(/[[*?]/g, '[$&]');

/** A list of exact files, as readers take it. */
export const fileList = (paths: readonly string[]): string =>
  `[${paths.map((path) => text(pathPattern(path))).join(', ')}]`;

/** A vector is a list, whose length the scan has checked: CASE and coalesce do not take arrays of a fixed length. */
export function typeName(type: DataType): string {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case 'scalar':
      return SCALARS[shape.type];
    case 'map':
      return `MAP(VARCHAR, ${SCALARS[shape.value]})`;
    case 'struct':
      return `STRUCT(${shape.fields.map((field) => `${ident(field.name)} ${SCALARS[field.type]}`).join(', ')})`;
    default:
      return `${SCALARS[shape.element]}[]`;
  }
}

/** A text within a regular expression of the engine. */
export const escaped = (literal: string): string => literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
