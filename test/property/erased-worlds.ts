// Random worlds with erasures of their keys, and the same worlds as if the erased rows had never been: each view then reads a
// source of its own, without the rows of its entities' erased keys, so that the oracle knows nothing of erasures.

import type { JoinKeyType } from '../../schemas/types.ts';
import type { Erasure } from '../../src/catalog/erasure.ts';
import { Random } from '../oracle/random.ts';
import type { RandomWorld } from '../oracle/random-worlds.ts';
import { instantIn, readRow } from '../oracle/rows.ts';
import type { JsonRow, OnlineStep, Table, ViewDefinition, World } from '../oracle/world.ts';
import { named } from '../oracle/world.ts';

/** Of keys that the world has, with instants on and beside the event times of their rows; and of one that it has not. */
export function erasuresOf(world: RandomWorld): readonly Erasure[] {
  const random = new Random(world.seed ^ 0x5eed);
  const { entities, featureViews } = world.definitions;
  return entities.flatMap((entity, i) => {
    const views = featureViews.filter((view) => view.entities.includes(entity.name));
    const rows = views.flatMap((view) => rowsOf(world, view, entity.name));
    if (rows.length === 0) return [];
    const joinKeys = entity.joinKeys.map(({ name, type }) => ({ name, type: type as JoinKeyType }));
    return Array.from({ length: random.int(1, 3) }, (_, n) => {
      const row = random.pick(rows);
      const beforeMicros = random.pick(rows.filter(({ key }) => same(key, row.key))).ts + BigInt(random.int(-1, 1));
      const keys = random.chance(0.2) ? [row.key, row.key.map(() => '-99')] : [row.key];
      return { id: `e${i}-${n}`, entity: entity.name, joinKeys, keys, beforeMicros, isPending: world.seed % 2 === 0 };
    });
  });
}

const same = (left: readonly string[], right: readonly string[]): boolean => left.join('\n') === right.join('\n');

interface KeyedRow {
  readonly key: readonly string[];
  readonly ts: bigint;
}

/** Rows that have the entity's key and an event time. */
function rowsOf(world: World, view: ViewDefinition, entity: string): readonly KeyedRow[] {
  const table = tableOf(world, view.source);
  return table.rows.flatMap((cells) => {
    const row = keyedRow(world, { view, entity, table }, cells);
    return row === null ? [] : [row];
  });
}

function keyedRow(
  world: World,
  { view, entity, table }: { readonly view: ViewDefinition; readonly entity: string; readonly table: Table },
  cells: JsonRow,
): KeyedRow | null {
  const row = readRow(table, cells);
  const source = named(world.definitions.sources, view.source);
  const key = named(world.definitions.entities, entity).joinKeys.map(
    ({ name }) => row[view.joinKeyColumns?.[name] ?? name] ?? null,
  );
  const ts = instantIn(source, cells, source.timestampColumn);
  return key.includes(null) || ts === null ? null : { key: key.map(String), ts };
}

const tableOf = (world: World, source: string): Table =>
  world.tables[source] ?? {
    columns: Object.entries(named(world.definitions.sources, source).columns),
    rows: [],
  };

/** What the oracle is asked. */
export function withoutErased(world: RandomWorld, erasures: readonly Erasure[]): RandomWorld {
  const { definitions } = world;
  const kept = (view: ViewDefinition, table: Table): Table => ({
    ...table,
    rows: table.rows.filter((cells) => !isErased(world, { view, table, erasures }, cells)),
  });
  const sources = definitions.featureViews.map((view) => ({
    ...named(definitions.sources, view.source),
    name: ownSource(view),
  }));
  const featureViews = definitions.featureViews.map((view) => ({ ...view, source: ownSource(view) }));
  const tables = Object.fromEntries(
    definitions.featureViews.map((view) => [ownSource(view), kept(view, tableOf(world, view.source))]),
  );
  const online = world.online?.map((step): OnlineStep => {
    if (step.append === undefined) return step;
    const append = definitions.featureViews.flatMap((view) => {
      const rows = step.append?.[view.source];
      if (rows === undefined) return [];
      return [[ownSource(view), kept(view, { ...tableOf(world, view.source), rows }).rows] as const];
    });
    return { ...step, append: Object.fromEntries(append) };
  });
  return { ...world, definitions: { ...definitions, sources, featureViews }, tables, ...(online && { online }) };
}

const ownSource = ({ name }: ViewDefinition): string => `of_${name}`;

function isErased(
  world: World,
  about: { readonly view: ViewDefinition; readonly table: Table; readonly erasures: readonly Erasure[] },
  cells: JsonRow,
): boolean {
  return about.erasures.some(({ entity, keys, beforeMicros }) => {
    if (!about.view.entities.includes(entity)) return false;
    const row = keyedRow(world, { ...about, entity }, cells);
    return row !== null && row.ts < beforeMicros && keys.some((key) => same(key, row.key));
  });
}
