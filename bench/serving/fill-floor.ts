// Fills the floor's store with what Plumb answers: the JSON of each row's values as a client receives it, without brackets,
// so that a row of two entities is two of them with a comma between.

import { KEY_OF } from './floor-rows.ts';
import type { FloorStore } from './floor-store.ts';

const BATCH = 500;

/** `view`: a service by its name has its features alone. */
export async function fillFloor(floor: FloorStore, url: string, view: string, keys: number): Promise<void> {
  for (let from = 0; from < keys; from += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, keys - from) }, (_, i) => from + i);
    const rows = await answerRows(url, view, ids);
    await floor.write(ids.map((id, i) => [`${view}:${id}`, Buffer.from(JSON.stringify(rows[i]).slice(1, -1))]));
  }
}

async function answerRows(url: string, service: string, ids: readonly number[]): Promise<readonly unknown[][]> {
  const key = KEY_OF[service] ?? 'user_id';
  const response = await fetch(`${url}/v1/online-features`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ service, entities: ids.map((id) => ({ [key]: id })) }),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  const { rows } = (await response.json()) as { readonly rows: readonly unknown[][] };
  const isWhole = rows.length === ids.length && rows.every((row) => row.length > 0 && !row.includes(null));
  if (!isWhole) throw new Error(`${url}: ${service} has keys without values`);
  return rows;
}
