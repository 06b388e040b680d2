// A random world to which rows are added that come as late as they may: stamped exactly at the last run's T less the
// lateness, of a key without other rows.
import { formatInstant, parseDuration, parseInstant } from '../oracle/instants.ts';
import { numericInstant } from '../oracle/random-values.ts';
import type { RandomWorld } from '../oracle/random-worlds.ts';
import type { Json } from '../oracle/values.ts';
import { joinKeysOf, type OnlineStep, serviceFeatures, type ViewDefinition, type World } from '../oracle/world.ts';

const FRESH: Readonly<Record<string, Json>> = { int32: 4711, int64: 4711, string: 'late', bool: true };

/** Undefined where no view and step of the world would show it. */
export function withLateRows(world: RandomWorld): RandomWorld | undefined {
  const view = world.definitions.featureViews.find((candidate) => isFit(world, candidate));
  const steps = world.online ?? [];
  const at = steps.findIndex((step, i) => i > 0 && step.until !== steps[i - 1]?.until && step.entities.length > 0);
  const former = steps[at - 1];
  if (view === undefined || former === undefined) return undefined;
  const row = lateRow(world, view, parseInstant(former.until) - parseDuration(view.lateness ?? '24h'));
  const names = serviceFeatures(world).filter((item) => item.view === view)[0]?.keyColumns ?? [];
  const online = steps.map((step, i): OnlineStep => {
    if (i !== at) return step;
    const late = Object.fromEntries(names.map(({ name, type }) => [name, FRESH[type] ?? null]));
    return {
      ...step,
      append: { [view.source]: [row] },
      entities: [...step.entities, { ...step.entities[0], ...late }],
    };
  });
  return { ...world, online };
}

/** The row must be visible, must be read by this run, and all views of its source must promise to read it. */
function isFit(world: World, view: ViewDefinition): boolean {
  const isPlain = view.kind === 'row' && !view.refresh && !view.where && view.visibleFrom !== 'created_time';
  const others = world.definitions.featureViews.filter((other) => other.kind === 'row' && other.source === view.source);
  const lateness = ({ lateness: own }: ViewDefinition) => parseDuration(own ?? '24h');
  return isPlain && others.every((other) => lateness(other) >= lateness(view));
}

function lateRow(world: World, view: ViewDefinition, eventTime: bigint): Json[] {
  const source = world.definitions.sources.find(({ name }) => name === view.source);
  const columns = Object.entries(source?.columns ?? {});
  const keys = new Map(joinKeysOf(world, view).map(({ name, type }) => [view.joinKeyColumns?.[name] ?? name, type]));
  const unit = source?.timestampUnit;
  return columns.map(([name]) => {
    if (name === source?.timestampColumn) return unit ? numericInstant(eventTime, unit) : formatInstant(eventTime);
    return keys.has(name) ? (FRESH[keys.get(name) ?? ''] ?? null) : null;
  });
}
