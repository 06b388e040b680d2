// Lists and objects in the cells of labels that came as JSON: they are written in one go, so all of them are bounded.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Json } from '../../lossless-json.ts';

const MOST_NESTED = 500_000;

/** TOO_LARGE where the cells hold more values within lists and objects than that. */
export function requireFewNestedValues(columns: Readonly<Record<string, readonly Json[]>>): void {
  let rest = MOST_NESTED;
  const count = (value: Json): void => {
    if (typeof value !== 'object' || value === null || rest < 0) return;
    const inner = Array.isArray(value) ? value : Object.values(value);
    rest -= inner.length;
    for (let at = 0; at < inner.length && rest >= 0; at += 1) count(inner[at]);
  };
  for (const [name, cells] of Object.entries(columns)) {
    for (const cell of cells) count(cell);
    if (rest < 0) throw tooMany(name);
  }
}

function tooMany(column: string): PlumbError {
  const path = `$.labels.columns.${column}`;
  const message = `${path}: with it the cells hold over ${MOST_NESTED} values in lists and objects; upload them as an Arrow IPC stream`;
  return new PlumbError('TOO_LARGE', message, { details: { path, limit: 'nestedValues', maxValues: MOST_NESTED } });
}
