// A stream in batch: the files of its history, up to the cut, and the parts of its lake from there on, as one FROM item.
import type { DataType } from '../../../schemas/types.ts';
import type { Source } from '../../catalog/catalog.ts';
import { LAKE_COLUMNS, lakeSource } from '../../catalog/lake-columns.ts';
import type { TimeRange } from '../../plan/time-range.ts';
import type { ScanSql } from '../rows.ts';
import { typeName } from './names.ts';
import type { ScanFiles, ScannedFiles, ScanOptions } from './scanned.ts';

export interface StreamScan {
  readonly source: Source;
  readonly files: ScannedFiles;
  readonly range: TimeRange;
  readonly options: ScanOptions | undefined;
}

/** What the scan of a stream yields beside what every scan does; null of history. */
export const POSITION_COLUMNS = { partition: 'event_partition', offset: 'event_offset' } as const;

export function streamScanSql(scanFiles: ScanFiles, { source, files, range, options = {} }: StreamScan): ScanSql {
  const { used = new Set(source.columns.keys()), withFile = false } = options;
  const names = [...source.columns.keys()].filter((name) => used.has(name) || name === source.timestampColumn);
  const column = (name: string): string => `c${[...source.columns.keys()].indexOf(name)}`;
  const { partition, offset } = LAKE_COLUMNS;
  const lake = scanFiles(lakeSource(source), files, range, { used: new Set([...names, partition, offset]), withFile });
  const { history } = source.stream ?? {};
  const file = withFile ? ', file' : '';
  const position = `${lake.column(partition)} AS ${POSITION_COLUMNS.partition}, ${lake.column(offset)} AS ${POSITION_COLUMNS.offset}`;
  const cut = history == null ? '' : `\nWHERE ts >= ${history.untilMicros}`;
  const items = names.map((name) => `${lake.column(name)} AS ${column(name)}`).join(', ');
  const ofLake = `SELECT ${items}, ts, created, ${position}${file}\nFROM ${lake.from}${cut}`;
  if (history == null || files.history === undefined) return { from: `(\n${ofLake}\n)`, column, hasCreated: true };
  const before = history.source;
  const own = new Set(names.filter((name) => before.columns.has(name)));
  const scan = scanFiles(before, files.history, range, { used: own, withFile });
  const typed = names.map((name) => {
    const type = source.columns.get(name) as DataType;
    return `CAST(${own.has(name) ? scan.column(name) : 'NULL'} AS ${typeName(type)}) AS ${column(name)}`;
  });
  // Without a time of its own a row counts as created when it happened.
  const created = scan.hasCreated ? 'created' : 'ts';
  const nowhere = `CAST(NULL AS INTEGER), CAST(NULL AS BIGINT)`;
  const ofHistory = `SELECT ${typed.join(', ')}, ts, ${created} AS created, ${nowhere}${file}\nFROM ${scan.from}\nWHERE ts < ${history.untilMicros}`;
  return { from: `(\n${ofLake}\nUNION ALL\n${ofHistory}\n)`, column, hasCreated: true };
}
