// Entities of a request → the distinct keys to ask the store for. Duplicates are answered each, but read once.
import type { Value } from '../../../schemas/types.ts';
import type { RequestEntity } from '../../catalog/join-key-input.ts';
import type { EntityKey } from '../online-store.ts';
import type { KeySpace } from './resolve-request.ts';

export interface CollectedKeys {
  readonly distinct: readonly EntityKey[];
  /** `[r][i]`: where in `distinct` the key of role r and entity i is; -1 where it has a null. */
  readonly indexes: readonly Int32Array[];
}

export function collectKeys({ encoder, roles }: KeySpace, entities: readonly RequestEntity[]): CollectedKeys {
  const distinct: EntityKey[] = [];
  const known = new Map<Value, number>();
  const indexOf = (values: readonly Value[]): number => {
    const key = encoder.encode(values);
    const id = values.length === 1 ? (values[0] as Value) : latin1(key);
    const index = known.get(id) ?? distinct.push(key) - 1;
    known.set(id, index);
    return index;
  };
  const indexes = roles.map(({ readJoinKeys }) => {
    const ofRole = new Int32Array(entities.length);
    for (let index = 0; index < entities.length; index += 1) {
      const values = readJoinKeys(entities[index] as RequestEntity, index);
      ofRole[index] = values === null ? -1 : indexOf(values);
    }
    return ofRole;
  });
  return { distinct, indexes };
}

/** One character per byte, so that different keys never meet. A single join key needs none: it is its own identity. */
const latin1 = (key: EntityKey): string => Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
