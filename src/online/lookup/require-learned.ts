// A request that is bound to what a model learned: which rows hold each feature with that meaning, the live ones of a view or
// those that are held for a bound training set.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Learned } from '../../catalog/learned.ts';
import { isOnline, whyOffline } from '../../catalog/look-up.ts';
import type { Member } from '../../catalog/members.ts';
import { meansAsLearned, servedAs } from '../learned-generation.ts';
import type { Generation } from '../serving-state.ts';
import { featuresByName } from './features-by-name.ts';
import type { ReadState } from './serving-states.ts';

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

/** By view; null where nothing of it is live. NOT_AS_LEARNED, with each feature that differs. */
export function learnedGenerations(
  request: LearnedRequest,
  states: ReadonlyMap<string, ReadState | null>,
): ReadonlyMap<string, Generation | null> {
  const byView = Map.groupBy(request.learned.members, ({ view }) => view);
  const generations = new Map<string, Generation | null>();
  const changes: Change[] = [];
  for (const [view, state] of states) {
    const members = byView.get(view) ?? [];
    const live = state?.live?.generation ?? null;
    const ofLive = members.flatMap((member) => changeOf(member, request, live));
    const held = ofLive.length === 0 ? null : heldFor(members, request, state);
    generations.set(view, held ?? live);
    if (held === null) changes.push(...ofLive);
  }
  if (changes.length > 0) throw notAsLearned(request, changes);
  return generations;
}

/** One that is held is read whatever is defined now: a bound training set needs it. */
function heldFor(members: readonly Member[], request: LearnedRequest, state: ReadState | null): Generation | null {
  const held = [...(state?.live == null ? [] : [state.live]), ...(state?.bound ?? [])]
    .map(({ generation }) => generation)
    .filter(({ isHeld }) => isHeld === true);
  return held.find((one) => members.every((member) => meansAsLearned(one, member, catalogsOf(request)))) ?? null;
}

const catalogsOf = ({ learned, current }: LearnedRequest): readonly Catalog[] => [learned.catalog, current];

function notAsLearned(request: LearnedRequest, changes: readonly Change[]): PlumbError {
  const { what, service, serviceVersion } = request.learned;
  const [named, more] = [changes.slice(0, MOST_NAMED), changes.length - MOST_NAMED];
  const features = named.map(({ feature, how }) => `${feature} (${how.join('; ')})`).join(', ');
  const message = `${what} cannot be answered as it was learned: ${features}${more > 0 ? `, and ${more} more` : ''}`;
  return new PlumbError('NOT_AS_LEARNED', message, { details: { service, serviceVersion, features: changes } });
}

const MOST_NAMED = 5;

function changeOf(member: Member, request: LearnedRequest, live: Generation | null): readonly Change[] {
  const { learned, current } = request;
  const { name, view: viewName, feature } = member;
  const definedAs = `${viewName}:${feature}`;
  const changed = (change: Change['change'], ...how: readonly string[]) => [{ feature: name, definedAs, change, how }];
  const view = current.views.get(viewName);
  if (view === undefined) return changed('removed', `feature view ${viewName} is gone`);
  const now = featuresByName(view).get(feature);
  if (now === undefined) return changed('removed', `feature view ${viewName} has it no more`);
  if (!isOnline(view)) return changed('removed', `feature view ${viewName} ${whyOffline(view)}`);
  if (live !== null && meansAsLearned(live, member, catalogsOf(request))) return [];
  const [defined, wanted] = [servedAs(view, feature), servedAs(learned.catalog.views.get(viewName), feature)];
  if (defined === wanted) {
    // Nothing is live: the lookup says so itself.
    if (live === null) return [];
    return changed('not_materialized', `not yet in the live rows: run \`plumb materialize ${viewName}\``);
  }
  if (now.meaning === member.meaning) return changed('changed', otherOrder(viewName));
  const how = learned.differencesTo(current)(member);
  return changed('changed', ...(how.length === 0 ? ['what it reads changed'] : how));
}

const otherOrder = (view: string): string =>
  `feature view ${view}: rows of one instant are told apart by other features before it, so that another row may be read`;
