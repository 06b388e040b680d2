// One erasure, as a catalog carries it. Plain data.
import type { JoinKeyType } from '../../schemas/types.ts';

/** Keys of one entity that were erased together. */
export interface Erasure {
  readonly id: string;
  readonly entity: string;
  /** As the entity had them when it was erased. */
  readonly joinKeys: readonly { readonly name: string; readonly type: JoinKeyType }[];
  /** By key, then join key: the value as text (keyText). */
  readonly keys: readonly (readonly string[])[];
  /** Rows stamped before it are skipped; microseconds since 1970. */
  readonly beforeMicros: bigint;
  /** Whether what Plumb owns may still hold the keys. */
  readonly isPending: boolean;
}
