// What the definition of one feature says otherwise in another registered version.
import type { Catalog } from '../catalog/catalog.ts';
import type { Member } from '../catalog/members.ts';
import { changeLines, diffCatalogs, type ObjectChange } from './diff.ts';

/** In words; only what can change values. Empty where no path of a definition says it. */
export function featureChanges(before: Catalog, after: Catalog): (member: Member) => readonly string[] {
  const changes = new Map(diffCatalogs(before, after).map((change) => [`${change.kind} ${change.name}`, change]));
  return ({ view, feature }) => {
    const { source = '', entities = [] } = before.views.get(view) ?? {};
    const read = [`feature view ${view}`, `source ${source}`, ...entities.map((name) => `entity ${name}`)];
    return read.flatMap((name) => linesOf(name, changes.get(name), feature));
  };
}

function linesOf(name: string, change: ObjectChange | undefined, feature: string): readonly string[] {
  if (change === undefined) return [];
  const paths = change.paths.filter(({ path }) => isOfFeature(path, feature) && !NOT_VALUES.test(path));
  return changeLines({ ...change, paths, isRebuilt: false }).map((line) => `${name}: ${line}`);
}

const isOfFeature = (path: string, feature: string): boolean =>
  !path.startsWith('features') || path === `features[${feature}]` || path.startsWith(`features[${feature}].`);

const NOT_VALUES = /(^|\.)(description|owner|tags|schedule|catchUp|lateness|online)(\.|$)/;
