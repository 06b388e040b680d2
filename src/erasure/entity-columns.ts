// Where an entity's keys stand: among the join keys of a view as it was in a version, among the columns of a training set.
import type { Catalog, JoinKey } from '../catalog/catalog.ts';
import { type ErasedJoinKey, isTold, placesOf, typedKeys } from '../catalog/erasures.ts';
import { setName } from '../offline/bound-marks.ts';
import type { DatasetManifest } from '../offline/dataset.ts';
import { type RunManifest, runFolder } from '../offline/manifest-run.ts';
import type { ErasedRole } from '../offline/part-erasing.ts';
import { versionOrNull } from './erased-entity.ts';
import type { Erasing } from './erasing.ts';

/** null: that version is gone. */
async function versionOf({ catalog, version }: Erasing, number: number | null): Promise<Catalog | null> {
  if (number === catalog.version) return catalog;
  return number === null ? null : await versionOrNull(version(number));
}

/**
 * Places among the run's key columns; null: the view was not of the entity. Where the version of the run is gone, the names of
 * the columns tell.
 */
export async function placesInRun(erasing: Erasing, run: RunManifest): Promise<readonly number[] | null> {
  const { entity, joinKeys } = erasing.erasure;
  const catalog = await versionOf(erasing, run.registryVersion);
  const view = catalog?.views.get(run.view);
  if (catalog !== null && view !== undefined) {
    if (!view.entities.includes(entity)) return null;
    const places = placesOf(catalog.entities, view, entity);
    if (
      isTold(
        erasing.erasure,
        places.map((place) => view.joinKeys[place] as JoinKey),
      )
    )
      return places;
    leave(erasing, runFolder(run.view, run.run));
    return null;
  }
  const places = joinKeys.map(({ name }) => run.keyColumns.findIndex((column) => column.name === name));
  return places.includes(-1) ? null : places;
}

/** Of a part of the run; `isTimed`: its rows have an event time of their own. */
export const roleInRun = (
  { erasure }: Erasing,
  { keyColumns }: RunManifest,
  { places, isTimed }: { readonly places: readonly number[]; readonly isTimed: boolean },
): ErasedRole => {
  const columns = places.map((place) => keyColumns[place] as ErasedJoinKey);
  return { columns, keys: typedKeys(erasure, columns), isTimed };
};

/** Each way in which the set's labels name the entity: as its service reads its views, and by the names of its join keys. */
export async function rolesInDataset(erasing: Erasing, dataset: DatasetManifest): Promise<readonly ErasedRole[]> {
  const { entity, joinKeys } = erasing.erasure;
  const catalog = await versionOf(erasing, dataset.registryVersion);
  const asRead = (catalog?.services.get(dataset.service)?.features ?? []).flatMap(({ view: name, readAs }) => {
    const view = catalog?.views.get(name);
    if (catalog === null || view === undefined || !view.entities.includes(entity)) return [];
    const places = placesOf(catalog.entities, view, entity);
    const now = places.map((place) => view.joinKeys[place] as JoinKey);
    return [{ names: places.map((place) => readAs[place] ?? ''), now }];
  });
  if (asRead.some(({ now }) => !isTold(erasing.erasure, now))) leave(erasing, setName(dataset));
  const present = new Set(dataset.columns.map(({ name }) => name));
  const all = [...asRead, { names: joinKeys.map(({ name }) => name), now: joinKeys }];
  const named = all.filter(({ names }) => names.every((name) => present.has(name)));
  const distinct = new Map(named.map((role) => [JSON.stringify(role.names), role]));
  return [...distinct.values()].map(({ names, now }) => ({
    columns: names.map((name, i) => ({ name, type: (now[i] as JoinKey).type })),
    keys: typedKeys(erasing.erasure, now),
    isTimed: false,
  }));
}

/** What was made of other join keys than those that the erasure names cannot be searched for them. */
function leave({ erasure: { entity, joinKeys }, left }: Erasing, what: string): void {
  const names = joinKeys.map(({ name }) => name).join(', ');
  left.set(
    what,
    `it was made when the join keys of ${entity} were others than ${names}: which rows are of the keys cannot be told`,
  );
}
