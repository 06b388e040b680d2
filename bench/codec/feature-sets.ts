// Feature sets as services have them, with made-up values that repeat by seed. One value in twenty is null.

import { shortestFloat32 } from '../../schemas/float32.ts';
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
const many = <T>(most: number, random: Random, draw: () => T): T[] =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, draw);

const KINDS = {
  /** Mostly small, now and then thousands. */
  count: { type: 'int64', draw: (random) => BigInt(Math.floor(1 / (random() + 1e-4) - 1)) },
  money: { type: 'float64', draw: (random) => Math.round(random() ** 3 * 100_000) / 100 },
  double: { type: 'float64', draw: (random) => random() },
  text: { type: 'string', draw: (random) => pick(WORDS, random) },
  flag: { type: 'bool', draw: (random) => random() < 0.3 },
  instant: { type: 'timestamp', draw: (random) => 1_767_830_400_000_000n - BigInt(Math.floor(random() * 3e12)) },
  ids: { type: 'list<int64>', draw: (random) => many(10, random, () => BigInt(Math.floor(random() * 1e9))) },
  scores: { type: 'list<float64>', draw: (random) => many(10, random, random) },
  tags: { type: 'list<string>', draw: (random) => many(5, random, () => pick(WORDS, random)) },
  embedding: {
    type: 'vector<float32,64>',
    draw: (random) => Array.from({ length: 64 }, () => shortestFloat32(Math.fround(random() * 2 - 1))),
  },
} satisfies Record<string, Kind>;

/** Repeated until there are as many features as asked for. */
const SETS: Readonly<Record<string, readonly Kind[]>> = {
  counts: [KINDS.count],
  money: [KINDS.money],
  doubles: [KINDS.double],
  strings: [KINDS.text],
  lists: [KINDS.ids, KINDS.scores, KINDS.tags],
  mixed: [
    ...[KINDS.count, KINDS.count, KINDS.count, KINDS.money, KINDS.money, KINDS.double, KINDS.double],
    ...[KINDS.text, KINDS.flag, KINDS.instant],
  ],
  embedding: [KINDS.embedding],
};

/** Name and number of features. */
export const FEATURE_SETS: readonly (readonly [string, number])[] = [
  ...Object.keys(SETS)
    .filter((name) => name !== 'embedding')
    .flatMap((name) => [20, 200].map((count) => [name, count] as const)),
  ['embedding', 1],
];

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
