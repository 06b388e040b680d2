// Who changed what, when, and what came of it: one object per change, written before the change and again after it, so that a
// server which ends in the middle leaves an entry without an outcome, and no change without an entry.
//
//   audit/2026-11/20261129T103000.123Z-5f0c21aa.json
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { jsonOrNull } from '../json-or-null.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { readEach } from '../storage/read-each.ts';

export interface Change {
  readonly at: string;
  readonly by: Actor;
  /** An id of the table of operations, or a command such as `key create`. */
  readonly operation: string;
  /** What it was about: a path, the id of a key; null where it makes something. */
  readonly target: string | null;
  /** null for commands. */
  readonly requestId: string | null;
  /** null: it was not over yet, or the process ended before it was. */
  readonly outcome: ChangeOutcome | null;
}

/** A key, or whoever ran a command where the storage can be written. */
export type Actor = { readonly key: string } | { readonly user: string; readonly host: string };

export interface ChangeOutcome {
  /** An error code; null: it was done, or accepted. */
  readonly failed: string | null;
  /** The job or the key that it made. */
  readonly made: string | null;
}

export interface RecordedChange {
  end(outcome: ChangeOutcome): Promise<void>;
  /** It was refused: nothing changed. */
  drop(): Promise<void>;
}

export interface ChangeListing {
  /** Newest first. */
  readonly changes: readonly Change[];
  /** Objects that cannot be read. */
  readonly damaged: readonly string[];
}

export type ChangeStore = Pick<ObjectStore, 'get' | 'put' | 'list' | 'delete'>;

export const AUDIT_PREFIX = 'audit/';

const contract: z.ZodType<Change> = z.strictObject({
  at: z.string(),
  by: z.union([z.strictObject({ key: z.string() }), z.strictObject({ user: z.string(), host: z.string() })]),
  operation: z.string(),
  target: z.string().nullable(),
  requestId: z.string().nullable(),
  outcome: z.strictObject({ failed: z.string().nullable(), made: z.string().nullable() }).nullable(),
});

export class ChangeLog {
  readonly #store: ChangeStore;

  constructor(store: ChangeStore) {
    this.#store = store;
  }

  /** Rejects where it cannot be written down: then it must not be done. */
  async begin(about: Omit<Change, 'at' | 'outcome'>): Promise<RecordedChange> {
    // A fixed number of digits, so that keys sort by time.
    const at = new Date().toISOString();
    const begun: Change = { at, ...about, outcome: null };
    const key = `${AUDIT_PREFIX}${at.slice(0, 7)}/${at.replaceAll(/[-:]/g, '')}-${randomBytes(4).toString('hex')}.json`;
    await this.#store.put(key, bytesOf(begun));
    return {
      end: (outcome) => this.#store.put(key, bytesOf({ ...begun, outcome })),
      drop: () => this.#store.delete([key]),
    };
  }

  /** At most `limit` of those that are wanted. */
  async list(limit: number, isWanted: (change: Change) => boolean = () => true): Promise<ChangeListing> {
    const keys = (await this.#store.list(AUDIT_PREFIX)).map(({ key }) => key).toReversed();
    const changes: Change[] = [];
    const damaged: string[] = [];
    for await (const { key, change } of readEach(keys, async (key) => ({ key, change: await this.#read(key) }))) {
      if (changes.length >= limit) break;
      if (change === undefined) damaged.push(key);
      else if (change !== null && isWanted(change)) changes.push(change);
    }
    return { changes, damaged };
  }

  /** null: gone meanwhile. undefined: damaged. */
  async #read(key: string): Promise<Change | null | undefined> {
    const content = await this.#store.get(key);
    if (content === null) return null;
    return contract.safeParse(jsonOrNull(content)).data;
  }
}

const bytesOf = (change: Change): Uint8Array => Buffer.from(`${JSON.stringify(change)}\n`);
