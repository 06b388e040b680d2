// Row order as SQL: (event time, created time, values in definition order), nulls lowest.
import type { DataType } from '../../schemas/types.ts';
import type { Dialect } from './dialect.ts';

/** Nulls lowest, one direction everywhere. */
export const ascending = (sql: string): string => `${sql} ASC NULLS FIRST`;
export const descending = (sql: string): string => `${sql} DESC NULLS LAST`;

/** No instant is that early; as a created time it stands for null, which is lowest. */
const CREATED_LOWEST = '-9223372036854775808';

/** A key by which `(ts, created, value)` of rows with a value compare; nulls lowest. */
export const orderOfValue = (dialect: Dialect, x: string, type: DataType, hasCreated: boolean): string =>
  hasCreated
    ? dialect.tuple(['ts', `coalesce(created, ${CREATED_LOWEST})`, dialect.orderKey(x, type)])
    : dialect.timedValue('ts', x, type);
