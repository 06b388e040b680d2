import type { DataType } from '../../schemas/types.ts';

/** A map, or its keys alone. The aggregate's own input is null in rows without a key. */
export interface PlannedKeys {
  /** The key as text. */
  readonly input: string;
  readonly valueType: DataType;
  /** The greatest values, in their order; null: all, in the order of their keys, up to MOST_KEYS. */
  readonly top: number | null;
  readonly asKeys: boolean;
}
