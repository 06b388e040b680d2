// Entities of a request → the distinct keys to ask the store for. Duplicates are answered each, but read once.

import type { EntityKey } from '../online-store.ts';
import type { RequestEntity } from './join-key-input.ts';
import type { KeySpace } from './resolve-request.ts';

export interface CollectedKeys {
  readonly distinct: readonly EntityKey[];
  /** `[r][i]`: where in `distinct` the key of role r and entity i is; -1 where it has a null. */
  readonly indexes: readonly Int32Array[];
}

export function collectKeys({ encoder, roles }: KeySpace, entities: readonly RequestEntity[]): CollectedKeys {
  const distinct: EntityKey[] = [];
  const known = new Map<string, number>();
  const indexOf = (key: EntityKey): number => {
    const text = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
    const index = known.get(text) ?? distinct.push(key) - 1;
    known.set(text, index);
    return index;
  };
  const indexes = roles.map(({ readJoinKeys }) =>
    Int32Array.from(entities, (entity, index) => {
      const values = readJoinKeys(entity, index);
      return values === null ? -1 : indexOf(encoder.encode(values));
    }),
  );
  return { distinct, indexes };
}
