// Columns of an Arrow schema that we read: not too many, not too deep, of types that every engine has. Checked on the bytes
// of the schema, before apache-arrow looks at them: it has no limits, and what it does not know makes it wait for ever.
import { PlumbError } from '../../../schemas/errors.ts';
import type { FlatTable } from './flat-table.ts';
import { type LabelLimits, overLimit } from './label-limits.ts';

/** Numbers of the union Type in Schema.fbs. */
const TYPES = { decimal: 7, fixedSizeBinary: 15, struct: 13, firstUnknown: 27 } as const;
const REFUSED: Readonly<Record<number, string>> = {
  0: 'unknown',
  11: 'interval',
  14: 'union',
  22: 'run-end encoded',
  25: 'list view',
  26: 'large list view',
};
/** Lists, structs and maps. */
const NESTED: ReadonlySet<number> = new Set([12, 13, 16, 17, 21]);

interface Walk {
  readonly limits: LabelLimits;
  readonly column: string;
  readonly count: { fields: number };
}

/** `fields`: of the schema. TOO_LARGE for too many, INVALID_LABELS with the column for what is too deep or of such a type. */
export function requireReadable(fields: readonly FlatTable[], limits: LabelLimits): void {
  if (fields.length > limits.columns) throw overLimit('columns', `${fields.length} label columns`, limits);
  const count = { fields: 0 };
  for (const field of fields) requireField(field, 0, { limits, column: field.text(0), count });
}

function requireField(field: FlatTable, depth: number, walk: Walk): void {
  const { limits, column, count } = walk;
  count.fields++;
  if (count.fields > limits.columns) throw overLimit('columns', 'more label columns and fields within them', limits);
  if (depth > limits.depth) throw tooDeep(column, limits);
  requireType(field, column);
  field.keyValues(6);
  for (const child of field.tables(5)) requireField(child, depth + 1, walk);
}

function requireType(field: FlatTable, column: string): void {
  const name = refusedType(field);
  if (name === null) return;
  const message = `label column ${column}: found the Arrow type ${name}, expected numbers, text, bytes, instants, or lists and structs of them; convert the column or leave it out`;
  throw new PlumbError('INVALID_LABELS', message, { details: { column, type: name } });
}

/** What apache-arrow, parquet-wasm or an engine cannot read; null where all can. */
function refusedType(field: FlatTable): string | null {
  const type = field.uint8(2);
  if (type >= TYPES.firstUnknown) return 'unknown';
  if (field.table(4) !== null && NESTED.has(type)) return 'dictionary of lists or structs';
  if (type === TYPES.struct && field.tables(5).length === 0) return 'struct without fields';
  if (type === TYPES.decimal && !hasSoundScale(field)) return 'decimal of a scale below 0 or beyond its digits';
  if (type === TYPES.fixedSizeBinary && (field.table(3)?.int32(0) ?? 0) <= 0) return 'fixed-size binary of 0 bytes';
  return REFUSED[type] ?? null;
}

/** Parquet has no others. */
function hasSoundScale(field: FlatTable): boolean {
  const [digits, scale] = [field.table(3)?.int32(0) ?? 0, field.table(3)?.int32(1) ?? 0];
  return scale >= 0 && scale <= digits;
}

function tooDeep(column: string, { depth }: LabelLimits): PlumbError {
  const message = `label column ${column} is nested too deeply: found more than ${depth} lists and structs within each other, expected at most that (server.limits.labelDepth)`;
  return new PlumbError('INVALID_LABELS', message, { details: { column, limit: 'labelDepth', labelDepth: depth } });
}
