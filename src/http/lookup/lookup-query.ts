// The body of POST /v1/online-features, checked by hand: this runs for every lookup, and only the envelope needs it. The
// join keys inside `entities` are checked by the lookup, which knows their types.
import { PlumbError } from '../../../schemas/errors.ts';
import { parseInstant } from '../../instant.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lossless-json.ts';
import { nearestName } from '../../nearest.ts';
import { quote, quoteInteger, shorten } from '../../quote.ts';

export interface LookupQuery {
  /** Exactly one of `service`, `dataset` and `features` is not null. May be `name@version`. */
  readonly service: string | null;
  /** `name@version`. */
  readonly dataset: string | null;
  /** `view:feature` or `view:*`. */
  readonly features: readonly string[] | null;
  readonly entities: readonly JsonObject[];
  /** null: the clock. */
  readonly atMicros: bigint | null;
  readonly statuses: boolean;
  readonly eventTimes: boolean;
  readonly asOf: boolean;
  readonly int64: 'number' | 'string';
  readonly partial: boolean;
  /** Also where each value comes from: explained-lookup.ts. */
  readonly explain: boolean;
}

/** The fields of the wire contract, schemas/wire.ts; a test holds them equal. */
export const FIELDS = [
  'service',
  'dataset',
  'features',
  'entities',
  'at',
  'statuses',
  'eventTimes',
  'asOf',
  'int64',
  'partial',
  'explain',
];
export const LATER_FIELDS = ['context'];
const KNOWN_FIELDS: ReadonlySet<string> = new Set([...FIELDS, ...LATER_FIELDS]);

export function parseLookupQuery(body: JsonObject, maxEntities: number): LookupQuery {
  refuseUnknownFields(body);
  const service = optional(body, 'service', 'string');
  const features = body.features === undefined ? null : featureNames(body.features);
  const dataset = optional(body, 'dataset', 'string');
  requireOne({ service, dataset, features });
  return {
    service,
    dataset,
    features,
    entities: entityList(body.entities, maxEntities),
    atMicros: instant(body.at),
    statuses: optional(body, 'statuses', 'boolean') ?? false,
    eventTimes: optional(body, 'eventTimes', 'boolean') ?? false,
    asOf: optional(body, 'asOf', 'boolean') ?? false,
    int64: int64Form(body.int64),
    partial: optional(body, 'partial', 'boolean') ?? false,
    explain: optional(body, 'explain', 'boolean') ?? false,
  };
}

function requireOne(named: Pick<LookupQuery, 'service' | 'dataset' | 'features'>): void {
  const given = Object.entries(named).flatMap(([field, value]) => (value === null ? [] : [`"${field}"`]));
  if (given.length === 0) throw wrong('$', 'neither "service", "dataset" nor "features"', 'one of them');
  if (given.length > 1) throw wrong('$', `both ${given.join(' and ')}`, 'one of them');
}

function refuseUnknownFields(body: JsonObject): void {
  for (const field in body) if (!KNOWN_FIELDS.has(field)) throw unknownField(field);
  if (body.context !== undefined && !isObjectList(body.context))
    throw wrong('$.context', describe(body.context), 'a list of objects');
  for (const field of LATER_FIELDS) {
    if (body[field] === undefined || body[field] === false) continue;
    throw new PlumbError('NOT_SUPPORTED', `$.${field}: "${field}" is planned, but not built yet`, {
      details: { path: `$.${field}` },
    });
  }
}

function unknownField(field: string): PlumbError {
  const nearest = nearestName(field, FIELDS);
  const hint = nearest === null ? '' : `; did you mean ${nearest}?`;
  return wrong(`$.${shorten(field)}`, 'an unknown field', `one of ${FIELDS.join(', ')}${hint}`);
}

const isObjectList = (value: Json): boolean => Array.isArray(value) && value.every(isJsonObject);

interface FieldTypes {
  readonly string: string;
  readonly boolean: boolean;
}

function optional<T extends keyof FieldTypes>(body: JsonObject, field: string, type: T): FieldTypes[T] | null {
  const value = body[field];
  if (value === undefined) return null;
  if (typeof value === type) return value as FieldTypes[T];
  throw wrong(`$.${field}`, describe(value), `a ${type}`);
}

const MOST_NAMES = 1000;

function featureNames(value: Json): readonly string[] {
  if (!Array.isArray(value) || value.length === 0)
    throw wrong('$.features', describe(value), 'a list of at least one "view:feature"');
  if (value.length > MOST_NAMES) {
    const message = `$.features: found ${value.length} names, expected at most ${MOST_NAMES}; define a feature service`;
    throw new PlumbError('TOO_LARGE', message, {
      details: { path: '$.features', limit: 'features', maxFeatures: MOST_NAMES },
    });
  }
  const bad = value.findIndex((name) => typeof name !== 'string');
  if (bad >= 0) throw wrong(`$.features[${bad}]`, describe(value[bad]), '"view:feature"');
  return value;
}

function entityList(value: Json | undefined, maxEntities: number): readonly JsonObject[] {
  if (!Array.isArray(value)) throw wrong('$.entities', describe(value), 'a list of objects such as {"user_id": 1}');
  if (value.length > maxEntities) {
    const message = `$.entities: found ${value.length} entities, expected at most ${maxEntities}`;
    throw new PlumbError('TOO_LARGE', message, {
      details: { path: '$.entities', limit: 'entitiesPerRequest', maxEntities },
    });
  }
  const bad = value.findIndex((entity) => !isJsonObject(entity));
  if (bad >= 0) throw wrong(`$.entities[${bad}]`, describe(value[bad]), 'an object such as {"user_id": 1}');
  return value;
}

function instant(value: Json | undefined): bigint | null {
  if (value === undefined) return null;
  const micros = typeof value === 'string' ? parseInstant(value) : null;
  if (micros === null) throw wrong('$.at', describe(value), 'an RFC 3339 instant such as "2026-01-08T00:00:00Z"');
  return micros;
}

function int64Form(value: Json | undefined): 'number' | 'string' {
  if (value === undefined) return 'number';
  if (value !== 'number' && value !== 'string') throw wrong('$.int64', describe(value), '"number" or "string"');
  return value;
}

function wrong(path: string, found: string, expected: string): PlumbError {
  return new PlumbError('INVALID_REQUEST', `${path}: found ${found}, expected ${expected}`, {
    details: { path, found, expected },
  });
}

function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (isJsonObject(value)) return 'an object';
  if (typeof value === 'bigint') return quoteInteger(value);
  return typeof value === 'string' ? quote(value) : String(value);
}
