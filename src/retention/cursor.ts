// `gc/cursor.json`: where a collection that was cut off or bounded goes on.
import { z } from 'zod';
import { jsonOrNull } from '../json-or-null.ts';
import type { ObjectStore } from '../storage/object-store.ts';

export interface Cursor {
  readonly step: string;
  /** In the words of the step; null: from its start. */
  readonly after: string | null;
}

const KEY = 'gc/cursor.json';
const FORMAT = 1;
const contract = z.object({ format: z.literal(FORMAT), step: z.string(), after: z.string().nullable() });

/** null where there is none, or none that can be read: then all is looked at from the start. */
export async function readCursor(store: ObjectStore): Promise<Cursor | null> {
  const content = await store.get(KEY);
  if (content === null) return null;
  const parsed = contract.safeParse(jsonOrNull(content));
  return parsed.success ? { step: parsed.data.step, after: parsed.data.after } : null;
}

export const writeCursor = (store: ObjectStore, cursor: Cursor): Promise<void> =>
  store.put(KEY, Buffer.from(`${JSON.stringify({ format: FORMAT, ...cursor })}\n`));

export const removeCursor = (store: ObjectStore): Promise<void> => store.delete([KEY]);
