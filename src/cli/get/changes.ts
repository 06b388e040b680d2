// What differs between one answer and the next.

import { jsonLine } from '../../json-text.ts';
import type { Json } from '../../lossless-json.ts';
import type { Answer } from './answer.ts';

export interface Change {
  /** Positions in the rows of the answer. */
  readonly entity: number;
  readonly feature: number;
  readonly valueBefore: Json;
  readonly statusBefore: string;
  /** The instant of the answer that showed it. */
  readonly at: string;
}

/** In the order of the rows. An event time that moves under the same value is a change too. */
export function changesBetween(before: Answer, after: Answer): readonly Change[] {
  return after.rows.flatMap((row, entity) =>
    row.flatMap((_value, feature) => {
      if (cellText(before, entity, feature) === cellText(after, entity, feature)) return [];
      const valueBefore = before.rows[entity]?.[feature] ?? null;
      return [{ entity, feature, valueBefore, statusBefore: before.statuses[entity]?.[feature] ?? '', at: after.at }];
    }),
  );
}

/** Not so after a new version of the service: then there is nothing to compare. */
export const hasSameFeatures = (a: Answer, b: Answer): boolean => jsonLine(a.features) === jsonLine(b.features);

const cellText = ({ rows, statuses, eventTimes }: Answer, entity: number, feature: number): string =>
  jsonLine([rows, statuses, eventTimes].map((table) => table?.[entity]?.[feature] ?? null));
