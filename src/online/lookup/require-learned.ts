// A request that is bound to what a model learned: whether the live rows hold each feature with that meaning.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Learned } from '../../catalog/learned.ts';
import { isOnline } from '../../catalog/look-up.ts';
import type { Member } from '../../catalog/members.ts';
import type { Generation } from '../serving-state.ts';
import { featuresByName } from './features-by-name.ts';

export interface LearnedRequest {
  readonly learned: Learned;
  /** The newest registered version. */
  readonly current: Catalog;
}

/** One feature that is not served as it was learned. */
interface Change {
  readonly feature: string;
  readonly definedAs: string;
  /** `not_materialized`: it is defined as it was learned, but the live rows are of another definition. */
  readonly change: 'removed' | 'changed' | 'not_materialized';
  readonly how: readonly string[];
}

/** NOT_AS_LEARNED, with each feature that differs. `live`: by view; null where nothing of it is live. */
export function requireLearned(request: LearnedRequest, live: ReadonlyMap<string, Generation | null>): void {
  const changes = request.learned.members.flatMap((member) => changeOf(member, request, live.get(member.view) ?? null));
  if (changes.length === 0) return;
  const { what, service, serviceVersion } = request.learned;
  const [named, more] = [changes.slice(0, MOST_NAMED), changes.length - MOST_NAMED];
  const features = named.map(({ feature, how }) => `${feature} (${how.join('; ')})`).join(', ');
  const message = `${what} cannot be answered as it was learned: ${features}${more > 0 ? `, and ${more} more` : ''}`;
  throw new PlumbError('NOT_AS_LEARNED', message, { details: { service, serviceVersion, features: changes } });
}

const MOST_NAMED = 5;

function changeOf(member: Member, { learned, current }: LearnedRequest, live: Generation | null): readonly Change[] {
  const { name, view: viewName, feature, meaning } = member;
  const definedAs = `${viewName}:${feature}`;
  const changed = (change: Change['change'], ...how: readonly string[]) => [{ feature: name, definedAs, change, how }];
  const view = current.views.get(viewName);
  if (view === undefined) return changed('removed', `feature view ${viewName} is gone`);
  const now = featuresByName(view).get(feature);
  if (now === undefined) return changed('removed', `feature view ${viewName} has it no more`);
  if (!isOnline(view)) return changed('removed', `feature view ${viewName} has \`online: false\``);
  const served = live === null ? null : servedMeaning(member, live, [learned.catalog, current]);
  if (served === meaning) return [];
  if (now.meaning === meaning) {
    // Nothing is live: the lookup says so itself.
    if (live === null) return [];
    return changed('not_materialized', `not yet in the live rows: run \`plumb materialize ${viewName}\``);
  }
  const how = learned.differencesTo(current)(member);
  return changed('changed', ...(how.length === 0 ? ['what it reads changed'] : how));
}

/** Of the live rows. Those of before there were meanings have that of a registered definition that is surely theirs. */
function servedMeaning({ view, feature }: Member, generation: Generation, catalogs: readonly Catalog[]): string | null {
  if (generation.meanings !== undefined)
    return generation.meanings[generation.features.findIndex(({ name }) => name === feature)] ?? null;
  const definition = catalogs
    .map(({ views }) => views.get(view))
    .find((one) => one?.fingerprint === generation.fingerprint);
  return (definition === undefined ? null : featuresByName(definition).get(feature)?.meaning) ?? null;
}
