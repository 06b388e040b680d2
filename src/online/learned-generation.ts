// Whether rows of a generation hold a feature as a model learned it.
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { rowOrders } from '../catalog/fingerprint.ts';
import type { Member } from '../catalog/members.ts';
import type { Generation } from './serving-state.ts';

/** Equal for what is read in the same way: a feature's meaning, and how its row is chosen. null: not known, or not there. */
export function servedAs(view: FeatureView | undefined, feature: string): string | null {
  const meaning = view?.features.find(({ name }) => name === feature)?.meaning;
  return view === undefined || meaning === undefined ? null : asText(meaning, rowOrders(view).get(feature));
}

const asText = (meaning: string, rowOrder: string | null | undefined): string => `${meaning} ${rowOrder ?? ''}`;

/** `catalogs`: registered ones that it may have been filled by, for those that do not say by themselves what they hold. */
export function meansAsLearned(generation: Generation, member: Member, catalogs: readonly Catalog[]): boolean {
  const { meaning, rowOrder } = member;
  return meaning !== null && heldAs(generation, member, catalogs) === asText(meaning, rowOrder);
}

function heldAs(generation: Generation, { view, feature }: Member, catalogs: readonly Catalog[]): string | null {
  const { meanings, rowOrders: orders, kind, features, fingerprint } = generation;
  const place = features.findIndex(({ name }) => name === feature);
  if (place < 0) return null;
  if (meanings !== undefined && (orders !== undefined || kind !== 'row'))
    return asText(meanings[place] ?? '', orders?.[place]);
  const definition = catalogs.map(({ views }) => views.get(view)).find((one) => one?.fingerprint === fingerprint);
  return servedAs(definition, feature);
}
