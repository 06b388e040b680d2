import type { Value } from '../../schemas/types.ts';

/** An int64 overflow or a CAST of a value that cannot be converted. */
export const FAILED = Symbol('failed');
export type Outcome = Value | typeof FAILED;
