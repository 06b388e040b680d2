// `labels.columns` of a request: not too many columns, and no value too deep. Looked at before anything is written or
// planned: what is too deep overflows the stack of whoever prints it, and costs the engine twice as much with each level.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Json } from '../../lossless-json.ts';
import type { HttpLimits } from '../limits.ts';
import type { LabelColumns } from './inline-labels.ts';

type ShapeLimits = Pick<HttpLimits, 'labelColumns' | 'labelDepth'>;

const PATH = '$.labels.columns';

/** TOO_LARGE for too many columns; INVALID_REQUEST, with the column, for one that is nested too deeply. */
export function requireBounded(columns: LabelColumns, { labelColumns, labelDepth }: ShapeLimits): void {
  const found = Object.keys(columns).length;
  if (found > labelColumns) {
    const message = `${PATH}: found ${found} label columns, expected at most ${labelColumns} (server.limits.labelColumns)`;
    throw new PlumbError('TOO_LARGE', message, { details: { path: PATH, limit: 'labelColumns', labelColumns } });
  }
  for (const [column, values] of Object.entries(columns)) requireShallow(column, values, labelDepth);
}

function requireShallow(column: string, values: readonly Json[], labelDepth: number): void {
  const row = values.findIndex((value) => isDeeper(value, labelDepth));
  if (row < 0) return;
  const path = `${PATH}.${column}[${row}]`;
  const message = `${path}: label column ${column} is nested too deeply: expected at most ${labelDepth} lists and objects within each other (server.limits.labelDepth)`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { path, column, limit: 'labelDepth', labelDepth } });
}

/** Looks no deeper than that itself. */
function isDeeper(value: Json, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  return Object.values(value).some((inner: Json) => isDeeper(inner, depth - 1));
}
