// Join keys of a view: from its entities, each read from a column of the source that has its type.
import type { FeatureViewDefinition } from '../../schemas/definitions.ts';
import type { Entity, FeatureView, JoinKey } from '../catalog/catalog.ts';
import { show } from '../contract-mistakes.ts';
import { nearestName, oneOf } from '../nearest.ts';
import { columnType } from './columns.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import type { Parsed } from './parse-definitions.ts';
import type { ResolvedSource } from './resolve-sources.ts';

type View = Parsed<FeatureViewDefinition>;

/** In order of the view's entities. */
export function resolveJoinKeys(
  view: View,
  entities: readonly Entity[],
  source: ResolvedSource,
  mistakes: Mistakes,
): FeatureView['joinKeys'] {
  const columns = new Map(Object.entries(view.value.joinKeyColumns ?? {}));
  const keys = entities.flatMap(({ joinKeys }) => joinKeys);
  const names = keys.map(({ name }) => name);
  for (const name of columns.keys()) {
    if (names.includes(name)) continue;
    const place = at(view.place, 'joinKeyColumns', name);
    const expected =
      names.length === 0 ? 'none, because the view has no entities' : `a join key of the view: ${oneOf(names)}`;
    mistakes.add(place, show(name), expected, nearestName(name, names));
  }
  refuseSharedKeys(view, entities, mistakes);
  return keys.map(({ name, type }) => {
    const column = columns.get(name);
    const place = at(view.place, 'joinKeyColumns', ...(column === undefined ? [] : [name]));
    checkColumn({ name, type }, column ?? name, source, place, mistakes);
    return { name, type, column: column ?? name };
  });
}

/** Labels carry a join key by its name alone, so two entities of a view may not share one. */
function refuseSharedKeys({ place }: View, entities: readonly Entity[], mistakes: Mistakes): void {
  const owners = new Map<string, { readonly index: number; readonly entity: string }>();
  for (const [index, entity] of entities.entries()) {
    for (const { name } of entity.joinKeys) {
      const owner = owners.get(name);
      const expected = `entities with different join keys: ${owner?.entity} has ${name} too`;
      if (owner === undefined) owners.set(name, { index, entity: entity.name });
      else if (owner.index !== index)
        mistakes.add(at(place, 'entities', index), `entity ${entity.name} with join key ${name}`, expected);
    }
  }
}

function checkColumn(key: JoinKey, column: string, source: ResolvedSource, place: Place, mistakes: Mistakes): void {
  const type = columnType(source, column, place, mistakes);
  if (type === null || type === key.type || (type === 'int32' && key.type === 'int64')) return;
  const expected = key.type === 'int64' ? 'int64 or int32' : key.type;
  mistakes.add(place, `column ${column} of type ${type}`, `${expected}, the type of join key ${key.name}`);
}
