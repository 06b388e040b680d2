// Rows of erased keys in parts, found and left out. The keys are loaded into tables, so that no other statement holds one.
import type { Value } from '../../../schemas/types.ts';
import { duckdbDialect } from '../../sql/duckdb/dialect.ts';
import { fileList, ident, text, typeName } from '../../sql/duckdb/names.ts';
import { readable } from '../../sql/duckdb/readable.ts';
import { ands, commas } from '../../sql/script.ts';
import { EVENT_TIME } from '../../sql/stored-parts.ts';
import { filePath } from '../../storage/location.ts';
import type { ErasedPartJob, ErasedRole, ErasedRows } from '../part-erasing.ts';
import { chunkRows } from './chunk-rows.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';
import { parquetOptions } from './write-parts.ts';

export async function findErased(limits: EngineLimits, part: string, job: ErasedPartJob): Promise<ErasedRows> {
  await using session = await openFor(limits, part, job);
  const condition = await loadRoles(session, job.roles);
  const from = `${reader(part)} WHERE ${condition}`;
  const rows = Number((await session.row(`SELECT count(*) AS n FROM ${from}`)).n);
  if (rows === 0 || job.tell.length === 0) return { rows, told: [] };
  const items = job.tell.map(({ name, type }) => readable(ident(name), type));
  const types = job.tell.map(({ type }) => type);
  const told: (readonly Value[])[] = [];
  for await (const chunk of session.chunks(`SELECT DISTINCT ${commas(items)} FROM ${from}`))
    told.push(...chunkRows(chunk, types));
  return { rows, told };
}

const ROW = '"row of the part"';

export async function writeWithout(
  limits: EngineLimits,
  part: string,
  { target, ...job }: ErasedPartJob & { readonly target: string },
): Promise<number> {
  await using session = await openFor(limits, part, job);
  const condition = await loadRoles(session, job.roles);
  const numbered = `(SELECT *, row_number() OVER () AS ${ROW} FROM ${reader(part)})`;
  const kept = `SELECT * EXCLUDE (${ROW}) FROM ${numbered} WHERE NOT (${condition}) ORDER BY ${ROW}`;
  const metadata = await metadataOf(session, part);
  await session.run(`COPY (${kept}) TO ${text(filePath(target))} (${parquetOptions(metadata)})`);
  return Number((await session.row(`SELECT count(*) AS n FROM ${reader(target)}`)).n);
}

const reader = (part: string): string => `read_parquet(${fileList([filePath(part)])}, hive_partitioning = false)`;

const openFor = (limits: EngineLimits, part: string, { folder, signal }: ErasedPartJob): Promise<DuckdbSession> =>
  DuckdbSession.open({ ...limits, files: [filePath(part)], folders: [filePath(folder)], signal });

/** Loads the keys; returns the condition of rows that hold one, true or false. */
async function loadRoles(session: DuckdbSession, roles: readonly ErasedRole[]): Promise<string> {
  const conditions: string[] = [];
  for (const [i, { columns, keys, isTimed }] of roles.entries()) {
    if (keys.length === 0) continue;
    const names = [...columns.map((_, c) => `e${c}`), 'erased_before'];
    const lines = keys.map(({ values, beforeMicros }) => {
      const literals = columns.map(({ type }, c) => duckdbDialect.literal(values[c] ?? null, type));
      return `(${commas([...literals, duckdbDialect.literal(beforeMicros, 'int64')])})`;
    });
    await session.run(
      `CREATE TEMP TABLE erased${i} AS SELECT * FROM (VALUES ${commas(lines)}) erased(${commas(names)})`,
    );
    const equal = columns.flatMap(({ name, type }, c) => [
      `erased${i}.e${c} = ${typed(name, type)}`,
      ...notRounded(name, type).map((exact) => `coalesce(erased${i}.e${c} = ${exact}, true)`),
    ]);
    const before = isTimed ? [`epoch_us(${EVENT_TIME}) < erased${i}.erased_before`] : [];
    conditions.push(`EXISTS (SELECT 1 FROM erased${i} WHERE ${ands([...equal, ...before])})`);
  }
  return conditions.length === 0 ? 'false' : `(${conditions.join(' OR ')})`;
}

/** What does not convert is no such key. */
const typed = (name: string, type: ErasedRole['columns'][number]['type']): string =>
  `TRY_CAST(${ident(name)} AS ${typeName(type)})`;

/** A cast to an integer rounds: a label column that no view reads may hold 7.4, which is no 7. Null where it is not known. */
const notRounded = (name: string, type: ErasedRole['columns'][number]['type']): readonly string[] =>
  type === 'int32' || type === 'int64' ? [`TRY_CAST(CAST(${ident(name)} AS VARCHAR) AS DECIMAL(38, 9))`] : [];

async function metadataOf(session: DuckdbSession, part: string): Promise<Readonly<Record<string, string>>> {
  const rows = await session.rows(
    `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${fileList([filePath(part)])})`,
  );
  return Object.fromEntries(rows.map(({ key, value }) => [String(key), String(value)]));
}
