// One line of the table: what Plumb does, beside what it is compared with in the same run.
import { thousands } from '../results.ts';

export interface Figure {
  readonly measure: string;
  readonly unit: string;
  readonly own: number;
  readonly against: string;
  readonly other: number;
  /** Of `own` to `other`; empty: none was set. */
  readonly aim: string;
}

/** Of what belongs together. */
export interface Part {
  readonly figures: readonly Figure[];
  /** What the figures were made from. */
  readonly raw: unknown;
}

const HEAD = ['measure', 'unit', 'Plumb', 'against', '', 'ratio', 'aim'];

export const tableOf = (figures: readonly Figure[]): readonly (readonly string[])[] => [
  HEAD,
  ...figures.map(({ measure, unit, own, against, other, aim }) => [
    ...[measure, unit, number(own), against, number(other), (own / other).toFixed(2), aim],
  ]),
];

const number = (value: number): string => (value < 100 ? value.toFixed(2) : thousands(value));
