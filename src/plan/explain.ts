// A plan as indented text, for people.
import type { Refresh } from '../catalog/catalog.ts';
import { formatDuration } from '../instant.ts';
import { byKind } from './by-kind.ts';
import type {
  InstantsNode,
  LatestRowNode,
  PlannedAggregate,
  RootNode,
  RowsNode,
  ValuesNode,
  Window,
  WindowsNode,
} from './nodes.ts';

export const explainPlan = (plan: RootNode): string =>
  byKind(plan, {
    training_set: ({ service, labels, parts }) => [
      `training_set ${service}: one row per label row, in label order`,
      `  labels: timestamp ${labels.timestampColumn}; keys ${labels.keys.map(({ column, type }) => `${column} ${type}`).join(', ')}`,
      ...parts.flatMap((part) => indented(explainValues(part))),
    ],
    keys: ({ view, values }) => [`keys ${view}: those that it has at each instant`, ...indented(explainValues(values))],
    materialization: ({ view, values }) => [`materialization ${view}`, ...indented(explainValues(values))],
  }).join('\n');

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const explainValues = (node: ValuesNode): string[] => [
  ...byKind(node, { latest_row: explainLatestRow, windows: explainWindows }),
  ...indented([explainInstants(node.at), ...explainRows(node.rows)]),
];

function explainLatestRow({ view, ttlMicros, strictlyBefore, features }: LatestRowNode): string[] {
  const ttl = ttlMicros === null ? '' : `, null when older than ${formatDuration(ttlMicros)}`;
  return [
    `latest_row ${view}: last row with ts ${strictlyBefore ? '<' : '<='} e${ttl}`,
    ...indented(features.map(({ name, type, input }) => `${name} ${type} = ${input}`)),
  ];
}

function explainWindows({ view, windows, features }: WindowsNode): string[] {
  const byId = new Map(windows.map((window) => [window.id, window]));
  return [
    `windows ${view}`,
    ...indented(features.map((feature) => explainAggregate(feature, byId.get(feature.window)))),
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

const explainInstants = (at: InstantsNode): string =>
  byKind(at, {
    boundary: ({ effectiveMicros, knownMicros }) =>
      `boundary: e = ${effectiveMicros}, known until ${knownMicros} (microseconds since 1970)`,
    grid: ({ refresh, fromMicros, toMicros, everyMicros }) =>
      `grid: ${explainEffective(refresh)}; t from ${fromMicros} to before ${toMicros}, every ${formatDuration(everyMicros)} (microseconds since 1970)`,
    label_instants: ({ refresh, roles }) =>
      `label_instants: ${explainEffective(refresh)}; keys from ${roles.map(({ labelColumns }) => `(${labelColumns.join(', ')})`).join(' and ')}`,
  });

const explainEffective = (refresh: Refresh | null): string =>
  refresh === null
    ? 'e = t'
    : `e = floor(t - ${formatDuration(refresh.delayMicros)}, ${formatDuration(refresh.everyMicros)})`;

function explainRows(rows: RowsNode): string[] {
  const where = rows.where === null ? '' : ` where ${rows.where.sql}`;
  const visibility = rows.createdVisibility ? ', visible from created time' : '';
  return [
    `rows ${rows.scan.source.name} by ${rows.keys.map(({ column }) => column).join(', ')}${where}${visibility}`,
    ...indented(rows.inputs.map(({ id, expression }) => `${id} ${expression.type} = ${expression.sql}`)),
    `  source ${rows.scan.source.format} ${rows.scan.source.path}`,
  ];
}
