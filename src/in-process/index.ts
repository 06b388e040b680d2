// Lookups inside a user's own Node process: the store that `plumb serve` reads, without HTTP. A composition root of its own;
// nothing else imports it.
//
//   const plumb = await openLookup({ config: 'shop/plumb.yaml' });
//   const { rows } = await plumb.lookup({ service: 'ranking', entities: [{ user_id: 1 }] });
//   await plumb[Symbol.asyncDispose]();
import { PlumbError } from '../../schemas/errors.ts';
import { LAST_DATE_MICROS } from '../../schemas/instant-text.ts';
import type { Value } from '../../schemas/types.ts';
import { openDatasetCatalog } from '../compose/dataset-catalog.ts';
import { openObjectStore, openOnlineStore } from '../compose/stores.ts';
import { loadConfig } from '../config/load-config.ts';
import { createLogger, type Logger } from '../config/logger.ts';
import { parseLookupQuery } from '../http/lookup/lookup-query.ts';
import { requestedOf } from '../http/lookup/lookups.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { isJsonObject, type Json, type JsonObject } from '../lossless-json.ts';
import type { LookedUpValues } from '../online/answer-values.ts';
import { createLookup } from '../online/lookup.ts';
import { freshCatalog } from '../registry/fresh-catalog.ts';
import { createLearnedFeatures } from '../registry/learned-features.ts';
import { RegisteredVersions } from '../registry/registered-versions.ts';

export type { LookedUpValues } from '../online/answer-values.ts';

export interface OpenLookupOptions {
  /** The project file; default: plumb.yaml in the current folder. `PLUMB_` variables count as for the commands. */
  readonly config?: string;
  /** Default: warnings, to standard error. */
  readonly logger?: Logger;
}

export interface LookupRequest {
  /** Exactly one of the three. May be `name@version`: the features of that version, with the meaning that they had in it. */
  readonly service?: string;
  /** `name@version`: the features of a training set, with the meaning that they have there. */
  readonly dataset?: string;
  /** `view:feature` or `view:*`. */
  readonly features?: readonly string[];
  /** Join keys by name; an int64 is a bigint, a safe integer or its digits. Extra fields are ignored. */
  readonly entities: readonly Readonly<Record<string, Value>>[];
  /** RFC 3339, or microseconds since 1970. Default: the clock. */
  readonly at?: string | bigint;
  readonly statuses?: boolean;
  readonly eventTimes?: boolean;
  readonly partial?: boolean;
}

export interface InProcessLookup extends AsyncDisposable {
  /** Rejects with a PlumbError, by the codes of `POST /v1/online-features`. */
  lookup(request: LookupRequest): Promise<LookedUpValues>;
  /** The same answer as the JSON that a server would send, in UTF-8. */
  json(request: LookupRequest): Promise<Uint8Array<ArrayBuffer>>;
}

/** Follows the registry as a server does: a version that is applied is served within a second. */
export async function openLookup(options: OpenLookupOptions = {}): Promise<InProcessLookup> {
  const { env } = process;
  const config = await loadConfig({ configPath: options.config ?? null, env, cwd: process.cwd() });
  const logger = options.logger ?? createLogger(env, 'warn');
  await using stack = new AsyncDisposableStack();
  const online = stack.use(await openOnlineStore(config, { logger, signal: new AbortController().signal }));
  const store = stack.use(await openObjectStore(config, { logger }));
  const versions = new RegisteredVersions(store, config.project);
  const learned = createLearnedFeatures({ versions, datasets: () => openDatasetCatalog(store) });
  const catalog = freshCatalog(versions, { logger });
  const { lookup, values } = createLookup({ catalog: () => catalog.current(), store: online, learned });
  const opened = stack.move();
  return {
    lookup: async (request) => {
      const { features, entities, atMicros, ...options } = queryOf(request);
      return await values(features, entities, atMicros, options);
    },
    json: async (request) => {
      const { features, entities, atMicros, ...options } = queryOf(request);
      return await lookup(features, entities, atMicros, options);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Checked as a request over HTTP is, but for how many entities there may be. */
function queryOf(request: LookupRequest) {
  if (!isJsonObject(request as unknown as Json | undefined))
    throw new PlumbError(
      'INVALID_REQUEST',
      'found no request, expected an object with service or features, and entities',
    );
  const { at, ...asked } = request;
  const instant = at === undefined ? {} : { at: typeof at === 'bigint' ? instantText(at) : at };
  const query = parseLookupQuery({ ...asked, ...instant } as unknown as JsonObject, Number.POSITIVE_INFINITY);
  const { service, dataset, features, atMicros, explain, ...rest } = query;
  if (explain)
    throw new PlumbError(
      'NOT_SUPPORTED',
      '$.explain: lookups in a process are not explained; ask a server, or `plumb get --explain`',
    );
  return {
    ...rest,
    features: requestedOf({ service, dataset, features }),
    atMicros: atMicros ?? nowMicros(),
    isNow: atMicros === null,
  };
}

/** What the text of a request can say over HTTP. */
function instantText(micros: bigint): string {
  if (micros >= -LAST_DATE_MICROS && micros <= LAST_DATE_MICROS) return formatInstant(micros);
  const message = `$.at: found an instant beyond ${LAST_DATE_MICROS} microseconds from 1970, expected one within`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { path: '$.at' } });
}
