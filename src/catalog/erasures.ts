// Which keys of an entity were erased, and when: from then on, rows of these keys stamped before that instant count nowhere.
// Plain data, read from their records; a catalog carries them to whoever plans with it.
import { PlumbError } from '../../schemas/errors.ts';
import type { JoinKeyType, Value } from '../../schemas/types.ts';
import type { Catalog, FeatureView, JoinKey } from './catalog.ts';
import type { Erasure } from './erasure.ts';

/** The erased keys of one entity of a view. */
export interface ErasedKeys {
  readonly entity: string;
  /** Their places among the view's join keys. */
  readonly places: readonly number[];
  /** Each key once. */
  readonly keys: readonly ErasedKey[];
}

export interface ErasedKey {
  /** Typed as the view's join keys at `places`. */
  readonly values: readonly Value[];
  readonly beforeMicros: bigint;
}

export const keyText = (value: Value): string => String(value);

const INTEGER = /^-?\d{1,19}$/;

/** undefined: no value of the type has this text, so no row has such a key. */
const VALUE_OF: Readonly<Record<JoinKeyType, (text: string) => Value | undefined>> = {
  string: (text) => text,
  bool: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  int32: (text) => (INTEGER.test(text) && BigInt.asIntN(32, BigInt(text)) === BigInt(text) ? Number(text) : undefined),
  int64: (text) => (INTEGER.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? BigInt(text) : undefined),
};

/** Those that are not done and that concern the views: what is made of them is without their rows. Absent: none. */
export function pendingFor(
  { erasures = [] }: Pick<Catalog, 'erasures'>,
  views: readonly Pick<FeatureView, 'entities'>[],
): { readonly withoutErased?: readonly string[] } {
  const pending = erasures.filter(
    ({ entity, isPending }) => isPending && views.some(({ entities }) => entities.includes(entity)),
  );
  return pending.length === 0 ? {} : { withoutErased: pending.map(({ id }) => id) };
}

/** A join key of the entity as it is defined where keys are looked for. */
export type ErasedJoinKey = Pick<JoinKey, 'name' | 'type'>;

/**
 * The keys of one erasure, in the order and of the types of these join keys; those that no value of the types is are left out, as
 * no row has them. Empty where the entity had another number of join keys: none of them can be told then.
 */
export function typedKeys(erasure: Erasure, joinKeys: readonly ErasedJoinKey[]): readonly ErasedKey[] {
  if (!isTold(erasure, joinKeys)) return [];
  const order = recordedPlaces(erasure.joinKeys, joinKeys);
  return erasure.keys.flatMap((texts) => {
    const values = joinKeys.map(({ type }, i) => VALUE_OF[type](texts[order[i] ?? -1] ?? ''));
    const { beforeMicros } = erasure;
    return values.includes(undefined) ? [] : [{ values: values as readonly Value[], beforeMicros }];
  });
}

/** Whether keys that were recorded with its join keys can be told by these. */
export const isTold = ({ joinKeys }: Pick<Erasure, 'joinKeys'>, now: readonly ErasedJoinKey[]): boolean =>
  joinKeys.length === now.length;

/** Of each join key its place in the record: by its name, for they may stand in another order; of renamed ones in their order. */
function recordedPlaces(recorded: readonly ErasedJoinKey[], now: readonly ErasedJoinKey[]): readonly number[] {
  const names = now.map(({ name }) => name);
  const renamed = [...recorded.keys()].filter((i) => !names.includes(recorded[i]?.name ?? ''));
  return names.map((name) => {
    const place = recorded.findIndex((key) => key.name === name);
    return place >= 0 ? place : (renamed.shift() ?? -1);
  });
}

/** One for each entity of the view of which keys were erased; none as a rule. */
export function erasedKeysOf(
  { erasures = [], entities }: Pick<Catalog, 'entities' | 'erasures'>,
  view: FeatureView,
): readonly ErasedKeys[] {
  return view.entities.flatMap((entity) => {
    const ofEntity = erasures.filter((erasure) => erasure.entity === entity);
    return ofEntity.length === 0 ? [] : [erasedKeys(entities, view, { entity, erasures: ofEntity })];
  });
}

function erasedKeys(
  entities: Catalog['entities'],
  view: FeatureView,
  { entity, erasures }: { readonly entity: string; readonly erasures: readonly Erasure[] },
): ErasedKeys {
  const places = placesOf(entities, view, entity);
  const joinKeys = places.map((place) => view.joinKeys[place] as JoinKey);
  const latest = new Map<string, ErasedKey>();
  for (const erasure of erasures) {
    if (!isTold(erasure, joinKeys)) throw otherJoinKeys(entity, erasure.joinKeys);
    for (const key of typedKeys(erasure, joinKeys)) {
      const name = JSON.stringify(key.values.map(keyText));
      const known = latest.get(name);
      if (known === undefined || known.beforeMicros < key.beforeMicros) latest.set(name, key);
    }
  }
  return { entity, places, keys: [...latest.values()] };
}

/** A view has the join keys of its entities in their order. */
export function placesOf(
  entities: Catalog['entities'],
  view: Pick<FeatureView, 'entities' | 'joinKeys'>,
  entity: string,
): readonly number[] {
  const counts = view.entities.map((name) => entities.get(name)?.joinKeys.length ?? 0);
  const first = counts.slice(0, view.entities.indexOf(entity)).reduce((sum, count) => sum + count, 0);
  return Array.from({ length: counts[view.entities.indexOf(entity)] ?? 0 }, (_, i) => first + i);
}

function otherJoinKeys(entity: string, joinKeys: readonly JoinKey[]): PlumbError {
  const names = joinKeys.map(({ name }) => name).join(', ');
  const message = `keys of entity ${entity} were erased when its join keys were ${names}; found another number of them now, so that the erased rows cannot be told: give it these join keys again, or define a new entity`;
  return new PlumbError('INVALID_DEFINITION', message, { details: { entity } });
}
