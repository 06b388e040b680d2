// A plan as indented text, for people.
import type { Refresh } from '../catalog/catalog.ts';
import { counted } from '../counted.ts';
import { formatDuration } from '../instant.ts';
import { byKind } from './by-kind.ts';
import type { EntriesNode, PlannedSlot } from './entries-node.ts';
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
import type { PlannedKeys } from './planned-keys.ts';

export const explainPlan = (plan: RootNode | EntriesNode): string =>
  byKind(plan, {
    training_set: ({ service, labels, parts }) => [
      `training_set ${service}: one row per label row, in label order`,
      `  labels: timestamp ${labels.timestampColumn}; keys ${labels.keys.map(({ column, type }) => `${column} ${type}`).join(', ')}`,
      ...parts.flatMap((part) => indented(explainValues(part))),
    ],
    keys: ({ view, values }) => [`keys ${view}: those that it has at each instant`, ...indented(explainValues(values))],
    materialization: ({ view, values }) => [`materialization ${view}`, ...indented(explainValues(values))],
    entries: explainEntries,
  }).join('\n');

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const explainValues = (node: ValuesNode): string[] => [
  ...byKind(node, { latest_row: explainLatestRow, windows: explainWindows }),
  ...indented([explainInstants(node.at), ...explainRows(node.rows)]),
];

const explainEntries = ({ view, slots, mostRows, fromMicros, at, rows }: EntriesNode): string[] => [
  `entries ${view}: the rows of keys with at most ${mostRows}, of others what is folded of each hop`,
  `  since ${fromMicros === null ? 'ever' : `${fromMicros} (microseconds since 1970)`}`,
  ...indented(slots.map(explainSlot)),
  ...indented([explainInstants(at), ...explainRows(rows)]),
];

function explainSlot({ family, input, where, by, hopMicros }: PlannedSlot): string {
  const condition = where === null ? '' : ` where ${where}`;
  const key = by === null ? '' : ` by ${by}`;
  return `${family}(${input ?? '*'})${condition}${key}${hopMicros === null ? '' : ` by hops of ${formatDuration(hopMicros)}`}`;
}

function explainLatestRow({ view, ttlMicros, strictlyBefore, deletedWhen, features }: LatestRowNode): string[] {
  const old = ttlMicros === null ? '' : `, null when older than ${formatDuration(ttlMicros)}`;
  const ttl = deletedWhen === undefined ? old : `${old}, none where ${deletedWhen} is true`;
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
  const { name, type, aggregate, input, n, gapMicros, by } = feature;
  const parameter = n ?? (gapMicros === undefined ? null : formatDuration(gapMicros));
  return `${name} ${type} = ${aggregate}${parameter === null ? '' : `[${parameter}]`}(${input ?? '*'})${by === undefined ? '' : explainKeys(by)} over ${window === undefined ? '?' : explainWindow(window)}`;
}

const explainKeys = ({ input, top, asKeys }: PlannedKeys): string =>
  ` by ${input}${top === null ? '' : `, the greatest ${top}`}${asKeys ? ', keys alone' : ''}`;

function explainWindow({ widthMicros, hopMicros, leadMicros }: Window): string {
  if (widthMicros === null) return '(-inf, e)';
  if (leadMicros === widthMicros) return `[e, e + ${formatDuration(widthMicros)})`;
  const offset = leadMicros === undefined ? 0n : -leadMicros;
  const start = `e - ${formatDuration(widthMicros + offset)}`;
  const end = offset === 0n ? 'e' : `e - ${formatDuration(offset)}`;
  if (hopMicros === null) return `[${start}, ${end})`;
  const floored = (instant: string): string => `floor(${instant}, ${formatDuration(hopMicros)})`;
  return `[${floored(start)}, ${offset === 0n ? end : floored(end)})`;
}

const explainInstants = (at: InstantsNode): string =>
  byKind(at, {
    boundary: ({ effectiveMicros, knownMicros }) =>
      `boundary: e = ${effectiveMicros}, known until ${knownMicros} (microseconds since 1970)`,
    grid: ({ refresh, fromMicros, toMicros, everyMicros }) =>
      `grid: ${explainEffective(refresh)}; t from ${fromMicros} to before ${toMicros}, every ${formatDuration(everyMicros)} (microseconds since 1970)`,
    label_instants: ({ refresh, roles, untilMicros }) =>
      `label_instants: ${explainEffective(refresh)}${explainUntil(untilMicros)}; keys from ${roles.map(({ labelColumns }) => `(${labelColumns.join(', ')})`).join(' and ')}`,
  });

const explainUntil = (untilMicros: bigint | undefined): string =>
  untilMicros === undefined ? '' : `, where t <= ${untilMicros} (microseconds since 1970): later ones are not mature`;

const explainEffective = (refresh: Refresh | null): string =>
  refresh === null
    ? 'e = t'
    : `e = floor(t - ${formatDuration(refresh.delayMicros)}, ${formatDuration(refresh.everyMicros)})`;

function explainRows(rows: RowsNode): string[] {
  const where = rows.where === null ? '' : ` where ${rows.where.sql}`;
  const visibility = rows.createdVisibility ? ', visible from created time' : '';
  return [
    `rows ${rows.scan.source.name} by ${rows.keys.map(({ column }) => column ?? 'one key').join(', ')}${where}${visibility}`,
    ...(rows.erased ?? []).map(
      ({ entity, keys }) =>
        `  without ${counted(keys.length, 'erased key')} of ${entity}: rows stamped before the erasure`,
    ),
    ...indented(rows.inputs.map(({ id, expression }) => `${id} ${expression.type} = ${expression.sql}`)),
    `  source ${rows.scan.source.format} ${rows.scan.source.path}`,
  ];
}
