// The rows of one key, read through the same scan and expressions as a training set's.
import type { DataType, Value } from '../../../schemas/types.ts';
import type { RowsNode } from '../../plan/nodes.ts';
import { usedColumns } from '../../plan/used-columns.ts';
import { duckdbDialect } from '../../sql/duckdb/dialect.ts';
import { erasedSteps } from '../../sql/duckdb/erased.ts';
import { readable } from '../../sql/duckdb/readable.ts';
import { scanSql } from '../../sql/duckdb/scan.ts';
import { failureFlag, rowsSelect, whereFlag } from '../../sql/rows.ts';
import { ands, commas } from '../../sql/script.ts';
import type { KeyRow, KeyRows, KeyRowsJob } from '../key-rows.ts';
import { type LocalFile, localPaths } from './local-jobs.ts';
import { columnValues } from './read-parts.ts';
import { checkedFiles } from './scanned-files.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';

export interface LocalKeyRowsJob extends Omit<KeyRowsJob, 'files'> {
  readonly files: readonly LocalFile[];
}

export async function readKeyRows(limits: EngineLimits, job: LocalKeyRowsJob): Promise<KeyRows> {
  const { rows, files, range, limit, signal } = job;
  const { source } = rows.scan;
  const paths = localPaths(files);
  await using session = await DuckdbSession.open({ ...limits, files: paths, foreign: paths, folders: [], signal });
  const used = usedColumns(rows);
  const checked = await checkedFiles(session, source, files, used);
  const scan = scanSql(source, checked, range, { used, withFile: true });
  const columns = [...used].map((name) => ({ name, type: source.columns.get(name) as DataType }));
  const raw = columns.map(({ name, type }, i) => `${readable(scan.column(name), type)} AS r${i}`);
  for (const { sql } of erasedSteps([rows])) await session.run(sql);
  const select = rowsSelect(duckdbDialect, rows, scan, { also: [...raw, 'file'] });
  const items = commas(itemsOf(rows, columns.length));
  const found = session.chunks(
    `SELECT ${items} FROM (\n${select}\n)\nWHERE ${ands(conditions(job)) || 'true'}\nORDER BY ts DESC, created DESC NULLS LAST\nLIMIT ${limit + 1}`,
  );
  const pathOf = new Map(files.map(({ localPath, path }) => [localPath, path]));
  const read: KeyRow[] = [];
  for await (const chunk of found) {
    const cells = Array.from({ length: chunk.columnCount }, (_, i) => chunk.getColumnValues(i));
    read.push(...keyRows(cells, { rows, types: columns.map(({ type }) => type), pathOf }));
  }
  const names = columns.map(({ name }) => name);
  return { columns: names, rows: read.slice(0, limit), isCut: read.length > limit };
}

/** ts, created, file, whether `where` failed; then by input its value and whether it failed; then the columns. */
function itemsOf(rows: RowsNode, columns: number): readonly string[] {
  return [
    ...['ts', 'created', 'file', flagSql(whereFlag(rows))],
    ...rows.inputs.flatMap((input) => [readable(input.id, input.expression.type), flagSql(failureFlag(rows, input))]),
    ...Array.from({ length: columns }, (_, i) => `r${i}`),
  ];
}

const FIXED = 4;

const flagSql = (flag: string | null): string => (flag === null ? 'false' : `coalesce(${flag}, false)`);

function conditions({ rows, key, range: { fromMicros, toMicros } }: LocalKeyRowsJob): readonly string[] {
  return [
    ...rows.keys.flatMap(({ column, type }, i) =>
      column === null ? [] : [`k${i} = ${duckdbDialect.literal(key[i] ?? null, type)}`],
    ),
    ...(fromMicros === null ? [] : [`ts >= ${fromMicros}`]),
    ...(toMicros === null ? [] : [`ts <= ${toMicros}`]),
  ];
}

interface Read {
  readonly rows: RowsNode;
  readonly types: readonly DataType[];
  readonly pathOf: ReadonlyMap<string, string>;
}

function keyRows(cells: readonly (readonly unknown[])[], { rows, types, pathOf }: Read): KeyRow[] {
  const column = (i: number, type: DataType): readonly Value[] => columnValues(cells[i] ?? [], type);
  const inputs = rows.inputs.map(({ expression }, i) => column(FIXED + 2 * i, expression.type));
  const failed = rows.inputs.map((_, i) => cells[FIXED + 2 * i + 1] ?? []);
  const values = types.map((type, i) => column(FIXED + 2 * rows.inputs.length + i, type));
  const [events = [], created = [], names = [], whereFailed = []] = cells;
  return events.map((eventMicros, row) => ({
    file: pathOf.get(String(names[row])) ?? '',
    eventMicros: eventMicros as bigint,
    createdMicros: (created[row] ?? null) as bigint | null,
    inputs: inputs.map((one) => one[row] ?? null),
    failed: failed.map((one) => one[row] === true),
    whereFailed: whereFailed[row] === true,
    values: values.map((one) => one[row] ?? null),
  }));
}
