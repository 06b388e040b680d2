// Columnar batches of one view generation → writes of the online store. Compiled once per generation.
import { encoderFor } from './entity-key.ts';
import type { RowWrite } from './online-store.ts';
import type { RowBatch } from './row-batch.ts';
import { compileRowCodec } from './row-codec.ts';
import type { Generation } from './serving-state.ts';

export type RowWriter = (batch: RowBatch) => RowWrite[];

export function compileRowWriter(generation: Pick<Generation, 'entities' | 'joinKeys' | 'features'>): RowWriter {
  const keys = encoderFor(generation.entities, generation.joinKeys);
  const codec = compileRowCodec(generation.features);
  return (batch) => {
    const writes = new Array<RowWrite>(batch.rowCount);
    for (let row = 0; row < batch.rowCount; row += 1) {
      const entity = keys.encodeRow(batch.keys, row);
      if (batch.tombstone?.[row] === true) {
        writes[row] = { entity, row: null };
        continue;
      }
      const header = {
        eventMicros: batch.eventMicros[row] ?? null,
        createdMicros: batch.createdMicros[row] ?? null,
      };
      writes[row] = { entity, row: codec.encodeColumns(header, batch.values, batch.invalid, row) };
    }
    return writes;
  };
}
