// Feature tests for users: the values of a service or a view for rows given inline at instants given inline, computed by
// the real plan and engine. A composition root of its own: nothing else imports it.
//
//   const rows = await evaluateFeatures({
//     definitions: { entities: [user], sources: [clicks], featureViews: [userClicks] }, // or await readDefinitions('features')
//     tables: { clicks: [{ user_id: 1, ts: '2026-01-01T00:00:00Z', price: 2.5 }] },
//     view: 'user_clicks',
//     at: [{ user_id: 1, at: '2026-01-02T00:00:00Z' }],
//   });
//   assert.deepEqual(rows, [{ clicks_7d: 1n, spend_30d: 2.5 }]);
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DefinitionsInput, SourceInput } from '../../schemas/builders.ts';
import { PlumbError } from '../../schemas/errors.ts';
import type { BatchSourceDefinition } from '../../schemas/sources.ts';
import type { DeclaredType, Value } from '../../schemas/types.ts';
import type { Catalog, FeatureService } from '../catalog/catalog.ts';
import { requireService, requireView, unknownName } from '../catalog/look-up.ts';
import { resolveDefinitions } from '../definitions/resolve.ts';
import { partitionColumn, partitionTypes } from '../definitions/resolve-partitions.ts';
import type { SourceInspector } from '../definitions/source-inspector.ts';
import { nowMicros, requireInstant } from '../instant.ts';
import { OWN_LABELS } from '../offline/arrow/label-limits.ts';
import { createDuckdbExpressionCompiler } from '../offline/duckdb/expression-compiler.ts';
import type { LocalFile } from '../offline/duckdb/local-jobs.ts';
import type { EngineLimits } from '../offline/duckdb/session.ts';
import { DuckdbSession } from '../offline/duckdb/session.ts';
import { evaluateTrainingSet } from '../offline/duckdb/training-set.ts';
import { planTrainingSet } from '../plan/plan-training-set.ts';

export { readDefinitions } from './read-definitions.ts';

/** A value as JSON would have it; bigint for int64 beyond 2^53. */
export type Cell = null | boolean | number | bigint | string | readonly Cell[];
export type Row = Readonly<Record<string, Cell>>;

export interface Evaluation {
  readonly definitions: DefinitionsInput;
  /** Rows of each source by name; they stand in for its files, in any format, or for its events, which arrive when they happen. */
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  /** One of the two: what is evaluated. */
  readonly service?: string;
  readonly view?: string;
  /** Join keys and the instant, under `at` (or `timestampColumn`). */
  readonly at: readonly Row[];
  readonly timestampColumn?: string;
  /** RFC 3339: when a training set would be built. Labels whose window has not passed by then are null. Default: now. */
  readonly builtAt?: string;
}

/** One object per item of `at`, in order, with the features under their output names (a view's: their own names). */
export async function evaluateFeatures(
  evaluation: Evaluation,
  limits: EngineLimits = LIMITS,
): Promise<readonly Readonly<Record<string, Value>>[]> {
  if (evaluation.at.length === 0) return [];
  refuseUnknownNames(evaluation);
  requireColumns(evaluation);
  const folder = await mkdtemp(join(tmpdir(), 'plumb-test-'));
  try {
    return await evaluateIn(folder, evaluation, limits);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const LIMITS: EngineLimits = { memoryBytes: 2 ** 30, threads: 1 };

async function evaluateIn(
  folder: string,
  evaluation: Evaluation,
  limits: EngineLimits,
): Promise<readonly Readonly<Record<string, Value>>[]> {
  for (const { name } of evaluation.definitions.sources ?? []) {
    await writeFile(join(folder, `${name}.jsonl`), lines(evaluation.tables[name] ?? []));
  }
  await using session = await DuckdbSession.open({ ...limits, files: [], folders: [folder] });
  const catalog = await resolveDefinitions(withTables(evaluation), {
    project: 'test',
    inspector: INLINE,
    compiler: createDuckdbExpressionCompiler((sql, parameters) => session.prepared(sql, parameters)),
  });
  const service = serviceOf(catalog, evaluation);
  const { timestampColumn = 'at', builtAt } = evaluation;
  const builtMicros = builtAt === undefined ? nowMicros() : requireInstant(builtAt, 'builtAt');
  const plan = planTrainingSet(catalog, service, timestampColumn, { builtMicros });
  const labels = join(folder, '_labels.jsonl');
  await writeFile(labels, lines(evaluation.at));
  const sources = new Map<string, readonly LocalFile[]>();
  for (const { rows } of plan.parts) sources.set(rows.scan.id, [fileOf(folder, rows.scan.source.path)]);
  return await evaluateTrainingSet(limits, session, {
    plan,
    labels: { paths: [labels], name: 'the labels', format: 'jsonl', timestampUnit: null, limits: OWN_LABELS },
    sources,
    folder,
    signal: new AbortController().signal,
  });
}

/** Inline rows carry no types, whatever the files of the source are. */
function requireColumns({ definitions }: Evaluation): void {
  const without = (definitions.sources ?? []).filter(({ columns }) => columns === undefined).map(({ name }) => name);
  if (without.length === 0) return;
  const message = `found no columns of ${without.join(', ')}, expected them in the definition of each source: rows given inline carry no types, unlike files of Parquet`;
  throw new PlumbError('INVALID_DEFINITION', message, { details: { sources: without } });
}

/** A misspelt table or column would read as null, and a test of "no rows" would pass for the wrong reason. */
function refuseUnknownNames({ definitions, tables }: Evaluation): void {
  const sources = new Map((definitions.sources ?? []).map((source) => [source.name, source]));
  for (const [table, rows] of Object.entries(tables)) {
    const source = sources.get(table);
    if (source === undefined) throw unknownName('table', table, sources.keys());
    const inFolders = source.kind === 'batch' ? source.partitionColumns : {};
    const columns = new Set(Object.keys({ ...source.columns, ...(source.columns && inFolders) }));
    const unknown = rows.flatMap((row) => Object.keys(row)).find((name) => columns.size > 0 && !columns.has(name));
    if (unknown !== undefined) throw unknownName(`column of ${table}`, unknown, columns);
  }
}

const fileOf = (folder: string, path: string): LocalFile => ({
  path,
  localPath: join(folder, path),
  sizeBytes: 0,
  identity: '',
});

/** The inline rows are written by us; their types are checked when they are read. */
const INLINE: SourceInspector = { inspect: async () => ({ fileCount: 1, columns: new Map() }), check: async () => [] };

const lines = (rows: readonly Row[]): string => rows.map((row) => `${json(row)}\n`).join('');

/** JSON with all digits of a bigint. */
function json(value: Cell | Row): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map((item: Cell) => json(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value as Row)
      .map(([name, cell]) => `${JSON.stringify(name)}:${json(cell)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Columns that are read from folders are columns of a table like any other. */
const columnTypes = (columns: BatchSourceDefinition['partitionColumns'] = {}): Record<string, DeclaredType> =>
  Object.fromEntries(
    partitionTypes(new Map(Object.entries(columns).map(([name, column]) => [name, partitionColumn(column)]))),
  );

/** Sources read the inline tables instead of their files; a source without a table is empty. */
const withTables = ({ definitions }: Evaluation): DefinitionsInput => ({
  ...definitions,
  sources: (definitions.sources ?? []).map((source) => ({ ...asBatchSource(source), ...tableOf(source) })),
});

const tableOf = ({ name }: SourceInput) => ({ path: `${name}.jsonl`, format: 'jsonl' }) as const;

function asBatchSource(source: SourceInput): SourceInput & { readonly kind: 'batch' } {
  if (source.kind === 'batch') {
    const { partitionColumns, columns, delimiter: _, header: _header, nullValues: _nulls, ...rest } = source;
    return { ...rest, ...(columns === undefined ? {} : { columns: { ...columns, ...columnTypes(partitionColumns) } }) };
  }
  const { name, columns, timestampColumn, timestampUnit } = source;
  const created = { createdTimestampColumn: timestampColumn, createdTimestampUnit: timestampUnit };
  return { name, kind: 'batch', columns, timestampColumn, timestampUnit, ...created, ...tableOf(source) };
}

function serviceOf(catalog: Catalog, { service, view }: Evaluation): FeatureService {
  if (service !== undefined) return requireService(catalog, service);
  if (view === undefined) throw new PlumbError('INVALID_REQUEST', 'say which service or view to evaluate');
  const { features, joinKeys, name } = requireView(catalog, view);
  const readAs = joinKeys.map((key) => key.name);
  return {
    name,
    description: null,
    owner: null,
    tags: {},
    features: features.map((feature) => ({ name: feature.name, view: name, feature: feature.name, readAs })),
  };
}
