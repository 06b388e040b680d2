// Keys as a client or a command gave them → as a record keeps them. A mistake is reported with its place, never with the key.
import { PlumbError } from '../../schemas/errors.ts';
import { MOST_ERASED_KEYS } from '../../schemas/wire.ts';
import type { Entity } from '../catalog/catalog.ts';
import { keyText } from '../catalog/erasures.ts';
import { type RequestedKey, readJoinKey } from '../catalog/join-key-input.ts';
import { nearestName, oneOf } from '../nearest.ts';
import { quote } from '../quote.ts';
import type { ForgetRequest } from './erasure.ts';
import type { ErasureRecord } from './erasure-records.ts';

/** INVALID_REQUEST for a key that is none of the entity. Each key once. */
export function requestedKeys(
  entity: Entity,
  { keys }: Pick<ForgetRequest, 'keys'>,
): Pick<ErasureRecord, 'entity' | 'joinKeys' | 'keys'> {
  if (keys.length === 0 || keys.length > MOST_ERASED_KEYS) {
    const message = `found ${keys.length} keys, expected 1 to ${MOST_ERASED_KEYS}: erase more in several requests`;
    throw new PlumbError('INVALID_REQUEST', message, { details: { path: '$.keys', limit: MOST_ERASED_KEYS } });
  }
  const texts = keys.map((key, index) => keyTexts(entity, key, index));
  const distinct = new Map(texts.map((one) => [JSON.stringify(one), one]));
  return {
    entity: entity.name,
    joinKeys: entity.joinKeys.map((key) => ({ name: key.name, type: key.type })),
    keys: [...distinct.values()],
  };
}

function keyTexts({ joinKeys }: Entity, key: ForgetRequest['keys'][number], index: number): readonly string[] {
  const place = `$.keys[${index}]`;
  const names = joinKeys.map(({ name }) => name);
  // A misspelt or a surplus part would erase something else than what is meant.
  const surplus = Object.keys(key).find((name) => !names.includes(name));
  if (surplus !== undefined) {
    const nearest = nearestName(surplus, names);
    const message = `${place}: found ${quote(surplus)}, expected ${oneOf(names)}`;
    throw new PlumbError('INVALID_REQUEST', message, { details: { path: place, nearest } });
  }
  return joinKeys.map((joinKey) => {
    // What a source holds is computed, and kept in training sets, though no lookup takes a key so long.
    const value = readOrRefuse(key, index, { ...joinKey, mostCharacters: Number.POSITIVE_INFINITY });
    if (value !== null) return keyText(value);
    throw new PlumbError('INVALID_REQUEST', `${place}.${joinKey.name}: found null, which no row has as a key`, {
      details: { path: `${place}.${joinKey.name}` },
    });
  });
}

function readOrRefuse(key: ForgetRequest['keys'][number], index: number, joinKey: RequestedKey) {
  try {
    return readJoinKey(key, index, joinKey);
  } catch (error) {
    if (!(error instanceof PlumbError)) throw error;
    const path = `$.keys[${index}].${joinKey.name}`;
    const found = Object.hasOwn(key, joinKey.name) ? 'another value' : 'nothing';
    const message = `${path}: found ${found}, expected ${String(error.details.expected)}`;
    throw new PlumbError('INVALID_REQUEST', message, { details: { path } });
  }
}
