// A plan as indented text, for people.
import { formatDuration } from '../instant.ts';
import type { InstantsNode, PlannedAggregate, RootNode, RowsNode, ValuesNode, Window } from './nodes.ts';

export function explainPlan(plan: RootNode): string {
  const lines =
    plan.kind === 'training_set'
      ? [
          `training_set ${plan.service}: one row per label row, in label order`,
          `  labels: timestamp ${plan.labels.timestampColumn}; keys ${plan.labels.keys.map(({ column, type }) => `${column} ${type}`).join(', ')}`,
          ...plan.parts.flatMap((part) => indented(explainValues(part))),
        ]
      : [`materialization ${plan.view}`, ...indented(explainValues(plan.values))];
  return lines.join('\n');
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function explainValues(node: ValuesNode): string[] {
  const at = indented([explainInstants(node.at), ...explainRows(node.rows)]);
  if (node.kind === 'latest_row') {
    const ttl = node.ttlMicros === null ? '' : `, null when older than ${formatDuration(node.ttlMicros)}`;
    const features = node.features.map(({ name, type, input }) => `${name} ${type} = ${input}`);
    return [
      `latest_row ${node.view}: last row with ts ${node.strictlyBefore ? '<' : '<='} e${ttl}`,
      ...indented(features),
      ...at,
    ];
  }
  const windows = new Map(node.windows.map((window) => [window.id, window]));
  return [
    `windows ${node.view}`,
    ...indented(node.features.map((feature) => explainAggregate(feature, windows.get(feature.window)))),
    ...at,
  ];
}

function explainAggregate(feature: PlannedAggregate, window: Window | undefined): string {
  const { name, type, aggregate, input, n } = feature;
  return `${name} ${type} = ${aggregate}${n === null ? '' : `[${n}]`}(${input ?? '*'}) over ${window === undefined ? '?' : explainWindow(window)}`;
}

function explainWindow({ widthMicros, hopMicros }: Window): string {
  if (widthMicros === null) return '(-inf, e)';
  const start = `e - ${formatDuration(widthMicros)}`;
  return hopMicros === null ? `[${start}, e)` : `[floor(${start}, ${formatDuration(hopMicros)}), e)`;
}

function explainInstants(at: InstantsNode): string {
  if (at.kind === 'boundary')
    return `boundary: e = ${at.effectiveMicros}, known until ${at.knownMicros} (microseconds since 1970)`;
  const { refresh } = at;
  const effective =
    refresh === null
      ? 'e = t'
      : `e = floor(t - ${formatDuration(refresh.delayMicros)}, ${formatDuration(refresh.everyMicros)})`;
  return `label_instants: ${effective}; keys from ${at.roles.map(({ labelColumns }) => `(${labelColumns.join(', ')})`).join(' and ')}`;
}

function explainRows(rows: RowsNode): string[] {
  const where = rows.where === null ? '' : ` where ${rows.where.sql}`;
  const visibility = rows.createdVisibility ? ', visible from created time' : '';
  return [
    `rows ${rows.scan.source.name} by ${rows.keys.map(({ column }) => column).join(', ')}${where}${visibility}`,
    ...indented(rows.inputs.map(({ id, expression }) => `${id} ${expression.type} = ${expression.sql}`)),
    `  source ${rows.scan.source.format} ${rows.scan.source.path}`,
  ];
}
