// Feature sets as services have them, with made-up values that repeat by seed. One value in twenty is null.
import type { DataType, Value } from '../../schemas/types.ts';
import type { RowSchema } from '../../src/online/row-codec.ts';
import { mulberry32, type Random } from '../random.ts';

export interface FeatureSet {
  readonly schema: RowSchema;
  /** `[feature][row]` */
  readonly columns: readonly (readonly Value[])[];
}

interface Kind {
  readonly type: DataType;
  readonly draw: (random: Random) => Value;
}

const WORDS = [
  'US',
  'Zürich',
  'gold',
  'say "hi"',
  'mobile/android 14',
  '東京',
  'électronique',
  'C:\\temp',
  'a',
  'premium',
];
const pick = <T>(items: readonly T[], random: Random): T => items[Math.floor(random() * items.length)] as T;

const KINDS = {
  /** Mostly small, now and then thousands. */
  count: { type: 'int64', draw: (random) => BigInt(Math.floor(1 / (random() + 1e-4) - 1)) },
  money: { type: 'float64', draw: (random) => Math.round(random() ** 3 * 100_000) / 100 },
  double: { type: 'float64', draw: (random) => random() },
  text: { type: 'string', draw: (random) => pick(WORDS, random) },
  flag: { type: 'bool', draw: (random) => random() < 0.3 },
  instant: { type: 'timestamp', draw: (random) => 1_767_830_400_000_000n - BigInt(Math.floor(random() * 3e12)) },
} satisfies Record<string, Kind>;

/** Repeated until there are as many features as asked for. */
const SETS: Readonly<Record<string, readonly Kind[]>> = {
  doubles: [KINDS.double],
  mixed: [
    ...[KINDS.count, KINDS.count, KINDS.count, KINDS.money, KINDS.money, KINDS.double, KINDS.double],
    ...[KINDS.text, KINDS.flag, KINDS.instant],
  ],
};

export function featureSet(name: string, featureCount: number, rowCount: number, seed: number): FeatureSet {
  const random = mulberry32(seed);
  const kinds = SETS[name] ?? [];
  const ofFeature = Array.from({ length: featureCount }, (_value, i) => kinds[i % kinds.length] as Kind);
  return {
    schema: ofFeature.map(({ type }, i) => ({ name: `feature_${i}`, type, default: null })),
    columns: ofFeature.map(({ draw }) =>
      Array.from({ length: rowCount }, () => (random() < 0.05 ? null : draw(random))),
    ),
  };
}
