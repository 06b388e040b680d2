// Row order as SQL: (event time, created time, values in definition order), nulls lowest.
import type { LatestRowNode } from '../plan/nodes.ts';
import type { Dialect } from './dialect.ts';
import { inputType } from './rows.ts';
import { commas } from './script.ts';

/** Nulls lowest, one direction everywhere. */
export const ascending = (sql: string): string => `${sql} ASC NULLS FIRST`;
export const descending = (sql: string): string => `${sql} DESC NULLS LAST`;

/** Orders rows of one event time: by created time, then by the inputs as the features that read them are defined. */
export const tieOrder = (dialect: Dialect, node: LatestRowNode, direction: (sql: string) => string): string =>
  commas([
    direction('created'),
    ...[...new Set(orderedInputs(node))].map((id) => direction(dialect.orderKey(id, inputType(node.rows, id)))),
  ]);

/** Of rows that are alike in all else, the one that deletes the key is the last. */
const orderedInputs = ({ features, deletedWhen }: LatestRowNode): readonly string[] => [
  ...features.map(({ input }) => input),
  ...(deletedWhen === undefined ? [] : [deletedWhen]),
];
