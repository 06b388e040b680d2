// A row of random doubles, which repeat by seed: the longest texts there are. One value in twenty is null.
import type { Value } from '../../schemas/types.ts';
import type { RowSchema } from '../../src/online/row-codec.ts';
import { mulberry32 } from '../random.ts';

export interface Doubles {
  readonly schema: RowSchema;
  /** `[feature][row]` */
  readonly columns: readonly (readonly Value[])[];
}

export function doubles(featureCount: number, rowCount: number, seed: number): Doubles {
  const random = mulberry32(seed);
  const features = Array.from({ length: featureCount }, (_value, i) => `feature_${i}`);
  return {
    schema: features.map((name) => ({ name, type: 'float64', default: null })),
    columns: features.map(() => Array.from({ length: rowCount }, () => (random() < 0.05 ? null : random()))),
  };
}
