// TrainingSetNode → a script. The engine computes the parts; how labels get their values, and when a value is missing, a
// default or a failure, is the same everywhere.
import { PlumbError } from '../../schemas/errors.ts';
import { byKind } from '../plan/by-kind.ts';
import type { Output, StoredOutput, TrainingSetNode, ValuesNode } from '../plan/nodes.ts';
import { canBeInvalid } from '../plan/nodes.ts';
import { type LabelInterval, rangeAtLabels } from '../plan/time-range.ts';
import type { Dialect } from './dialect.ts';
import { LABEL_ROW, labelMatch } from './labels.ts';
import { type RowInstants, rowInstants } from './row-instants.ts';
import type { Fragment, Script } from './script.ts';
import { commas } from './script.ts';
import type { EngineSql } from './strategies.ts';

export interface LabelColumns {
  /** Of the original columns `c0…`. */
  readonly names: readonly string[];
  readonly interval: LabelInterval;
  /** A FROM item of LABEL_ROW and the columns that the plan takes from a former training set. */
  readonly former?: string;
}

export interface TrainingSetScript extends Script {
  readonly rowInstants: readonly RowInstants[];
  /** Each SELECT, over the tables of the steps, has one row: `rows`, the label rows at which the output is not mature. */
  readonly immature: readonly { readonly name: string; readonly sql: string }[];
}

/** The result has LABEL_ROW, then the label columns and the features under their names. */
export function compileTrainingSet(engine: EngineSql, plan: TrainingSetNode, labels: LabelColumns): TrainingSetScript {
  const { dialect } = engine;
  const fragments = plan.parts.map((_, i) => partAtLabels(engine, plan, labels.interval, i));
  const joins = plan.parts.flatMap((part, i) => joinsOf(plan, part, i, fragments[i]));
  const items = [
    `rid AS ${LABEL_ROW}`,
    ...labels.names.map((name, i) => `c${i} AS ${dialect.ident(name)}`),
    ...plan.outputs.map((output) =>
      output.part === null ? storedSql(dialect, output) : outputSql(dialect, plan, output),
    ),
  ];
  const former = labels.former === undefined ? [] : [`LEFT JOIN ${labels.former} former ON former.${LABEL_ROW} = rid`];
  return {
    steps: [
      ...engine.strategies.erased(plan.parts.map(({ rows }) => rows)),
      ...fragments.flatMap(({ steps }) => steps),
    ],
    result: `SELECT ${items.join(',\n  ')}\nFROM labels\n${[...joins, ...former].join('\n')}`,
    strategy: fragments.map(({ strategy }) => strategy),
    rowInstants: rowInstants(plan, fragments),
    immature: plan.outputs.flatMap(({ name, matureUntilMicros: until }) =>
      until === undefined ? [] : [{ name, sql: `SELECT count(*) AS rows FROM labels WHERE t > ${until}` }],
    ),
  };
}

function partAtLabels(
  { strategies }: EngineSql,
  { parts, labels }: TrainingSetNode,
  interval: LabelInterval,
  index: number,
): Fragment {
  const node = parts[index] as ValuesNode;
  const { at } = node;
  if (at.kind !== 'label_instants')
    throw new PlumbError('INTERNAL', 'a part of a training set must be at label instants');
  const part = { prefix: `p${index}`, labels, at, range: rangeAtLabels(node, at, interval) };
  return byKind(node, {
    windows: (windows) => strategies.atLabels.windows(windows, part),
    latest_row: (latest) => strategies.atLabels.latest_row(latest, part),
  });
}

function joinsOf(plan: TrainingSetNode, part: ValuesNode, i: number, fragment: Fragment | undefined): string[] {
  const { at } = part;
  if (at.kind !== 'label_instants' || fragment === undefined) return [];
  return at.roles.map(
    (_, role) => `LEFT JOIN ${fragment.table} p${i}r${role} ON ${labelMatch(plan.labels, at, role, `p${i}r${role}`)}`,
  );
}

const storedSql = (dialect: Dialect, { name, column }: StoredOutput): string =>
  `former.${dialect.ident(column)} AS ${dialect.ident(name)}`;

function outputSql(dialect: Dialect, plan: TrainingSetNode, output: Output): string {
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
  const instead = plan.onInvalid === 'null' ? 'NULL' : dialect.fail(invalidMessage(output.name));
  const checked = invalid === null ? value : `CASE WHEN ${invalid} THEN ${instead} ELSE ${value} END`;
  const { matureUntilMicros: until } = output;
  const known = until === undefined ? checked : `CASE WHEN t <= ${until} THEN ${checked} END`;
  return `${known} AS ${dialect.ident(output.name)}`;
}

const invalidMessage = (name: string): string =>
  `PLUMB:INVALID_VALUE:${name}: an int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a label row needs`;

/** Age exactly ttl is valid; ages count from the label's own time. */
const validRow = (part: ValuesNode, alias: string): string | null =>
  part.kind === 'latest_row' && part.ttlMicros !== null ? `t - ${alias}.row_ts <= ${part.ttlMicros}` : null;
