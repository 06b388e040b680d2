// Random histories of a field, and what must be in it afterwards: a map and a comparison, nothing else.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { OnlineStore } from '../../../src/online/online-store.ts';

interface Write {
  readonly key: number;
  /** null: a tombstone. */
  readonly row: number | null;
}
type Step =
  | { readonly drop: true }
  | { readonly drop: false; readonly token: number; readonly writes: readonly Write[] };

const write: fc.Arbitrary<Write> = fc.record({ key: fc.nat(5), row: fc.option(fc.nat(255)) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ drop: true } as const) },
  {
    weight: 8,
    arbitrary: fc.record({
      drop: fc.constant(false as const),
      token: fc.nat(4),
      writes: fc.array(write, { maxLength: 8 }),
    }),
  },
);
export const worldSteps: fc.Arbitrary<readonly Step[]> = fc.array(step, { minLength: 1, maxLength: 12 });

const KEYS = [0, 1, 2, 3, 4, 5];
/** Odd keys are longer than LMDB takes. */
const keyBytes = (key: number): Uint8Array => Buffer.alloc(key % 2 === 0 ? 3 : 3000, key);

export async function runAgainstModel(store: OnlineStore, field: string, steps: readonly Step[]): Promise<void> {
  const model = new Map<number, { readonly token: number; readonly row: number | null }>();
  for (const current of steps) {
    if (current.drop) {
      model.clear();
      await store.dropField(field);
      continue;
    }
    let expected = 0;
    for (const { key, row } of current.writes) {
      if ((model.get(key)?.token ?? 0) > current.token) continue;
      model.set(key, { token: current.token, row });
      expected += 1;
    }
    const writes = current.writes.map(({ key, row }) => ({
      entity: keyBytes(key),
      row: row === null ? null : Buffer.from([row]),
    }));
    assert.deepEqual(await store.writeRows(field, BigInt(current.token), writes), { written: expected });
  }
  const [rows = []] = (await store.read([{ entities: KEYS.map(keyBytes), fields: [field] }], [])).rows;
  assert.deepEqual(
    rows.map(([row]) => row?.[0] ?? null),
    KEYS.map((key) => model.get(key)?.row ?? null),
  );
  assert.equal((await store.listFields()).includes(field), model.size > 0);
}
