// Which columns a reader wants.
import type { RecordBatch, Schema } from 'apache-arrow';
import type { Dataset } from '../../../../schemas/wire-types.ts';

export interface Columns {
  /** null: all. */
  readonly wanted: ReadonlySet<string> | null;
  /** Files keep their own order. */
  batchInOrder(batch: RecordBatch): RecordBatch;
  schemaInOrder(schema: Schema): Schema;
}

/** TypeError for a name that the set does not have. */
export function columnsOf(manifest: Dataset, columns: readonly string[] | undefined): Columns {
  if (columns === undefined) return { wanted: null, batchInOrder: (batch) => batch, schemaInOrder: (schema) => schema };
  const known = new Set(manifest.columns.map(({ name }) => name));
  const unknown = columns.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new TypeError(
      `columns: ${manifest.name} has no column ${JSON.stringify(unknown)}; it has ${[...known].join(', ')}`,
    );
  const wanted = new Set(columns);
  if (wanted.size !== columns.length || wanted.size === 0)
    throw new TypeError('columns: expected at least one name, and each only once');
  const places = (schema: Schema): number[] =>
    columns.map((column) => schema.fields.findIndex(({ name }) => name === column));
  return {
    wanted,
    batchInOrder: (batch) => batch.selectAt(places(batch.schema)) as RecordBatch,
    schemaInOrder: (schema) => schema.selectAt(places(schema)),
  };
}
