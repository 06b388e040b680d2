// ServingState ⇄ bytes: JSON with a format version; bigint and bytes as catalog-json.ts writes them.
import { PlumbError } from '../../schemas/errors.ts';
import { decode, encode, type Json } from '../catalog/catalog-json.ts';
import type { LiveGeneration, ServingState } from './serving-state.ts';

const FORMAT = 1;

export function encodeServingState(state: ServingState): Uint8Array {
  return Buffer.from(JSON.stringify(encode({ format: FORMAT, state })));
}

/** STORAGE_CORRUPT for anything that `encodeServingState` of this format did not write. */
export function decodeServingState(bytes: Uint8Array): ServingState {
  const document = parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  if (!isRecord(document)) throw corrupt('it is no object');
  if (document.format !== FORMAT) throw corrupt(`found format ${String(document.format)}, expected ${FORMAT}`);
  if (!isServingState(document.state)) throw corrupt('fields are missing or of the wrong type');
  return withRetention(document.state);
}

/** A state of before there was retention says nothing of it. */
const withRetention = (state: ServingState): ServingState =>
  state.live === null || state.live.retention !== undefined
    ? state
    : { ...state, live: { ...(state.live as LiveGeneration), retention: null } };

function parse(text: string): unknown {
  try {
    return decode(JSON.parse(text) as Json);
  } catch (cause) {
    throw corrupt('it is not JSON of this format', cause);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isServingState = (value: unknown): value is ServingState =>
  isRecord(value) &&
  typeof value.token === 'bigint' &&
  typeof value.rebuildCount === 'number' &&
  (value.live === null || isGeneration(value.live)) &&
  (value.bound === undefined || (Array.isArray(value.bound) && value.bound.every(isGeneration))) &&
  (value.filling === undefined || isGeneration(value.filling)) &&
  (value.rebuildAskedMicros === undefined || typeof value.rebuildAskedMicros === 'bigint');

const isGeneration = (value: unknown): boolean =>
  isRecord(value) &&
  ['id', 'fingerprint', 'kind', 'visibleFrom'].every((field) => typeof value[field] === 'string') &&
  ['watermarkMicros', 'reachedMicros'].every((field) => typeof value[field] === 'bigint') &&
  ['entities', 'joinKeys', 'features'].every((field) => Array.isArray(value[field])) &&
  (value.refresh === null || isRecord(value.refresh)) &&
  isBigintOrNull(value.ttlMicros) &&
  (value.retention === undefined || value.retention === null || isRetention(value.retention));

const isRetention = (value: unknown): boolean =>
  isRecord(value) &&
  isBigintOrNull(value.longestWindowMicros) &&
  ['clockLeadMicros', 'filledAtMicros'].every((field) => typeof value[field] === 'bigint');

const isBigintOrNull = (value: unknown): boolean => value === null || typeof value === 'bigint';

const corrupt = (what: string, cause?: unknown): PlumbError =>
  new PlumbError('STORAGE_CORRUPT', `The serving state of a view cannot be read: ${what}.`, { cause });
