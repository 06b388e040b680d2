// Columnar batches of one view generation → writes of the online store. Compiled once per generation.
import { encoderFor } from './entity-key.ts';
import type { RowWrite } from './online-store.ts';
import type { RowBatch } from './row-batch.ts';
import { compileRowCodec } from './row-codec.ts';
import { isKeptForEver, lifeMicros } from './row-retention.ts';
import type { LiveGeneration } from './serving-state.ts';

type WrittenGeneration = Pick<
  LiveGeneration,
  'entities' | 'joinKeys' | 'features' | 'kind' | 'ttlMicros' | 'watermarkMicros' | 'retention'
>;

export type RowWriter = (batch: RowBatch) => RowWrite[];

/** `graceMicros`: how long a row stays after its need is over, and a tombstone after its writing. */
export function compileRowWriter(generation: WrittenGeneration, graceMicros: bigint): RowWriter {
  const keys = encoderFor(generation.entities, generation.joinKeys);
  const lifeOf = compileLife(generation, graceMicros);
  const graceMillis = isKeptForEver(generation) ? null : millis(graceMicros);
  const codec = compileRowCodec(generation.features);
  return (batch) => {
    const writes = new Array<RowWrite>(batch.rowCount);
    for (let row = 0; row < batch.rowCount; row += 1) {
      const entity = keys.encodeRow(batch.keys, row);
      if (batch.tombstone?.[row] === true) {
        writes[row] = { entity, row: null, lifeMillis: graceMillis };
        continue;
      }
      const header = {
        eventMicros: batch.eventMicros[row] ?? null,
        createdMicros: batch.createdMicros[row] ?? null,
        isDeleted: batch.deleted?.[row] === true,
      };
      const packed = batch.entries?.[row] ?? codec.encodeColumns(header, batch, row);
      writes[row] = { entity, row: packed, lifeMillis: lifeOf(header.eventMicros) };
    }
    return writes;
  };
}

type LifeOf = (eventMicros: bigint | null) => number | null;

/** Rows of an aggregate view all live equally long. */
function compileLife(generation: WrittenGeneration, graceMicros: bigint): LifeOf {
  if (isKeptForEver(generation)) return () => null;
  const lifeOf: LifeOf = (eventMicros) => {
    const life = lifeMicros(generation, eventMicros, graceMicros);
    return life === null ? null : millis(life);
  };
  if (generation.kind === 'row') return lifeOf;
  const life = lifeOf(null);
  return () => life;
}

/** Rounded up: a row never leaves too early. */
const millis = (micros: bigint): number => Number(micros / 1000n) + 1;
