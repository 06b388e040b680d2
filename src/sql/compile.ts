// Roots of the plan → scripts.
import { PlumbError } from '../../schemas/errors.ts';
import { byKind } from '../plan/by-kind.ts';
import type { MaterializationNode, Output, TrainingSetNode, ValuesNode } from '../plan/nodes.ts';
import { canBeInvalid } from '../plan/nodes.ts';
import type { CompileContext, PartContext } from './context.ts';
import { latestRowAtBoundary, latestRowAtLabels } from './latest-row.ts';
import { type RowInstants, rowInstants } from './row-instants.ts';
import { keyNames } from './rows.ts';
import type { Fragment, Script } from './script.ts';
import { commas } from './script.ts';
import { labelMatch, windowsAtBoundary, windowsAtLabels } from './windows.ts';

/** What the labels table holds beside `rid` (0, 1, … in label order), `t` and the typed keys `l0…`: original columns `c0…`. */
export interface LabelColumns {
  readonly names: readonly string[];
  readonly interval: PartContext['interval'];
}

/** The number of the label row in a result; a name that no label column and no feature may have. */
export const LABEL_ROW = '__plumb_row';

export interface TrainingSetScript extends Script {
  readonly rowInstants: readonly RowInstants[];
}

/** The result has LABEL_ROW, then the label columns and the features under their names. */
export function compileTrainingSet(
  context: CompileContext,
  plan: TrainingSetNode,
  labels: LabelColumns,
): TrainingSetScript {
  const fragments = plan.parts.map((part, i) =>
    partAtLabels({ ...context, prefix: `p${i}`, interval: labels.interval }, plan, part),
  );
  const joins = plan.parts.flatMap((part, i) => joinsOf(plan, part, i, fragments[i]));
  const items = [
    `rid AS ${LABEL_ROW}`,
    ...labels.names.map((name, i) => `c${i} AS ${context.dialect.ident(name)}`),
    ...plan.outputs.map((output) => outputSql(context, plan, output)),
  ];
  return {
    steps: fragments.flatMap(({ steps }) => steps),
    result: `SELECT ${items.join(',\n  ')}\nFROM labels\n${joins.join('\n')}`,
    strategy: fragments.map(({ strategy }) => strategy),
    rowInstants: rowInstants(plan, fragments),
  };
}

function partAtLabels(context: PartContext, plan: TrainingSetNode, part: ValuesNode): Fragment {
  const { at } = part;
  if (at.kind !== 'label_instants')
    throw new PlumbError('INTERNAL', 'a part of a training set must be at label instants');
  return byKind(part, {
    windows: (node) => windowsAtLabels(context, plan.labels, node, at),
    latest_row: (node) => latestRowAtLabels(context, plan.labels, node, at),
  });
}

function joinsOf(plan: TrainingSetNode, part: ValuesNode, i: number, fragment: Fragment | undefined): string[] {
  const { at } = part;
  if (at.kind !== 'label_instants' || fragment === undefined) return [];
  return at.roles.map(
    (_, role) => `LEFT JOIN ${fragment.table} p${i}r${role} ON ${labelMatch(plan.labels, at, role, `p${i}r${role}`)}`,
  );
}

function outputSql({ dialect }: CompileContext, plan: TrainingSetNode, output: Output): string {
  const part = plan.parts[output.part];
  const index = part?.features.findIndex(({ name }) => name === output.feature) ?? -1;
  if (part === undefined || index < 0) throw new PlumbError('INTERNAL', `output ${output.name} is not planned`);
  const alias = `p${output.part}r${output.role}`;
  const fallbacks = [output.empty, output.default]
    .filter((value) => value !== null)
    .map((value) => dialect.literal(value, output.type));
  const valid = validRow(part, alias);
  const stored = valid === null ? `${alias}.v${index}` : `CASE WHEN ${valid} THEN ${alias}.v${index} END`;
  const value = fallbacks.length === 0 ? stored : `coalesce(${commas([stored, ...fallbacks])})`;
  const invalid = canBeInvalid(part, output.feature)
    ? [`${alias}.i${index}`, ...(valid === null ? [] : [valid])].join(' AND ')
    : null;
  const checked =
    invalid === null
      ? value
      : `CASE WHEN ${invalid} THEN ${dialect.fail(invalidMessage(output.name))} ELSE ${value} END`;
  return `${checked} AS ${dialect.ident(output.name)}`;
}

const invalidMessage = (name: string): string =>
  `PLUMB:INVALID_VALUE:${name}: an int64 overflow or a failed CAST in rows that a label row needs`;

/** Age exactly ttl is valid; ages count from the label's own time. */
const validRow = (part: ValuesNode, alias: string): string | null =>
  part.kind === 'latest_row' && part.ttlMicros !== null ? `t - ${alias}.row_ts <= ${part.ttlMicros}` : null;

/**
 * Rows come in the order of their keys, which online stores load fastest.
 * The result has the join keys under their names, `__event_time`, `__created_time`, the features, and `__invalid`. */
export function compileMaterialization(
  context: CompileContext,
  plan: MaterializationNode,
  stored: StoredParts | null,
): MaterializationScript {
  const { values, increment } = plan;
  const part: PartContext = { ...context, prefix: 'm', interval: null };
  // Where late rows can be older than those that earlier runs wrote: with a created time.
  const needed = increment !== null && increment.createdMicros !== null ? (stored?.rows ?? null) : null;
  const fragment = byKind(values, {
    windows: (node) => windowsAtBoundary(part, node),
    latest_row: (node) => latestRowAtBoundary(part, node, { increment, stored: needed }),
  });
  const { dialect } = context;
  const invalid = values.features.flatMap(({ name }, i) =>
    canBeInvalid(values, name) ? [`CASE WHEN i${i} THEN ${dialect.text(name)} END`] : [],
  );
  const items = [
    ...values.rows.keys.map(({ name }, i) => `k${i} AS ${dialect.ident(name)}`),
    `${dialect.instant('row_ts')} AS __event_time`,
    `${dialect.instant(values.kind === 'windows' ? 'NULL' : 'created')} AS __created_time`,
    ...values.features.map(({ name }, i) => `v${i} AS ${dialect.ident(name)}`),
    `${invalid.length === 0 ? dialect.literal(null, 'list<string>') : dialect.nonNullList(invalid)} AS __invalid`,
  ];
  return {
    steps: fragment.steps,
    result: `SELECT ${items.join(',\n  ')}\nFROM ${fragment.table}\nORDER BY ${commas(keyNames(values.rows))}`,
    strategy: [fragment.strategy],
    gone: (from) => goneSql(context, plan, stored, from),
  };
}

/** FROM items of what earlier runs of the generation wrote. */
export interface StoredParts {
  /** k0…, ts, created, x0…, f0… of their rows. */
  readonly rows: string;
  /** The join keys under their names, of all their records. */
  readonly keys: string;
}

export interface MaterializationScript extends Script {
  /** SELECT of the keys that are gone, where `from` is the table of the result; null: none are wanted, or there are none. */
  gone(from: string): string | null;
}

function goneSql(
  { dialect }: CompileContext,
  { values, tombstones }: MaterializationNode,
  stored: StoredParts | null,
  from: string,
): string | null {
  if (!tombstones || stored === null) return null;
  const keys = commas(values.rows.keys.map(({ name }) => dialect.ident(name)));
  return `SELECT DISTINCT ${keys} FROM ${stored.keys} ANTI JOIN ${from} USING (${keys})`;
}
