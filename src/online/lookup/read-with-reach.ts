// Rows, and until when each view is known. A run says so in the state of its view; of a view that a stream feeds the sentinels
// do. They are read first: what they say is in the rows, which may have more.
import { fieldName, type Generation } from '../serving-state.ts';
import { appliedMicros, appliedPartitions } from '../stream-reach.ts';
import { type ConsistentRead, type Reading, readConsistently } from './read-consistently.ts';

/** `asOf[i]`: of `bound.generations[i]`; null where no event is applied. */
export type ReadWithReach = ConsistentRead & { readonly asOf: readonly (bigint | null)[] };

export async function readWithReach(reading: Reading): Promise<ReadWithReach> {
  const { store, compiled } = reading;
  // The first read says which generations there are.
  const first = await readConsistently(reading);
  if (first.bound.generations.every(({ stream }) => stream === undefined)) return { ...first, asOf: watermarks(first) };
  const reached = new Map<Generation, bigint | null>();
  for (const [i, generation] of first.bound.generations.entries()) {
    if (generation.stream === undefined) continue;
    const field = fieldName(compiled.resolved.viewNames[i] ?? '', generation.id);
    reached.set(generation, appliedMicros(await appliedPartitions(store.streams(), field)));
  }
  const read = await readConsistently(reading);
  const asOf = watermarks(read).map((watermark, i) => {
    const generation = read.bound.generations[i] as Generation;
    return generation.stream === undefined ? watermark : (reached.get(generation) ?? null);
  });
  return { ...read, asOf };
}

const watermarks = ({ progress }: ConsistentRead): readonly bigint[] =>
  progress.map(({ watermarkMicros }) => watermarkMicros);
