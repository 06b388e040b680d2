// Fills the floor's store with what Plumb answers: each row's JSON as a client receives it.

import type { FloorStore } from './floor-store.ts';
import { FEATURES, type FeatureSet } from './world.ts';

const BATCH = 500;

export async function fillFloor(floor: FloorStore, url: string, set: FeatureSet, keys: number): Promise<void> {
  for (let from = 0; from < keys; from += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, keys - from) }, (_, i) => from + i);
    const rows = await answerRows(url, set, ids);
    await floor.write(ids.map((id, i) => [`${set}:${id}`, Buffer.from(JSON.stringify(rows[i]))]));
  }
}

async function answerRows(url: string, service: string, ids: readonly number[]): Promise<readonly unknown[][]> {
  const response = await fetch(`${url}/v1/online-features`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ service, entities: ids.map((user_id) => ({ user_id })) }),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  const { rows } = (await response.json()) as { readonly rows: readonly unknown[][] };
  const isWhole = rows.length === ids.length && rows.every((row) => row.length === FEATURES && !row.includes(null));
  if (!isWhole) throw new Error(`${url}: ${service} has keys without values`);
  return rows;
}
