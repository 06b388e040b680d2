// What one cell of a source must read as.
import type { Json } from '../oracle/values.ts';

export interface Reading {
  /** Undefined: no value would be right. */
  readonly value?: Json;
  /** Whether a clear refusal is right; where `value` is there too, both are. */
  readonly mayRefuse: boolean;
}

export const exact = (value: Json): Reading => ({ value, mayRefuse: false });
export const either = (value: Json): Reading => ({ value, mayRefuse: true });
export const refused: Reading = { mayRefuse: true };

export const mustRefuse = (reading: Reading): boolean => reading.value === undefined;
