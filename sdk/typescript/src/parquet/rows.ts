// Record batches → objects, in the forms in which lookups answer.
import type { RecordBatch } from 'apache-arrow';
import { type ValueForms, valueReader } from '../arrow/value-reader.ts';
import { objectFactory } from '../values.ts';
import type { BatchOptions } from './batches.ts';

export interface RowOptions extends BatchOptions, ValueForms {}

export function* rowsOf<T extends object>(batch: RecordBatch, forms: ValueForms): Generator<T, void, undefined> {
  const names = batch.schema.fields.map(({ name }) => name);
  const readers = batch.data.children.map((data) => valueReader(data, forms));
  const toObject = objectFactory<T>(names);
  let row = 0;
  const valueAt = (column: number): unknown => readers[column]?.(row);
  for (; row < batch.numRows; row += 1) yield toObject(valueAt);
}
