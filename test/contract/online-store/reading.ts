// One question at a time, as tests ask: rows alone, or the state of one view.
import type { EntityKey, FieldName, OnlineStore, SelectedRows } from '../../../src/online/online-store.ts';

export async function rowsOf(
  store: OnlineStore,
  entities: readonly EntityKey[],
  fields: readonly FieldName[],
): Promise<SelectedRows> {
  const { rows } = await store.read([{ entities, fields }], []);
  return rows[0] ?? [];
}

export async function stateOf(store: OnlineStore, view: string): Promise<Uint8Array | null> {
  const { states } = await store.read([], [view]);
  return states[0] ?? null;
}

/** null where there is none. */
export const textOf = (bytes: Uint8Array | null | undefined): string | null =>
  bytes ? Buffer.from(bytes).toString() : null;
