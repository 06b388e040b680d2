// The catalog that a server answers from: the newest registered version, looked for at most every half second, so that an
// `apply` shows without a restart. A lookup waits for the storage a moment at most, and once for each time that it is asked:
// while it is slow or away, the known version goes on being served. While none is known, that is said after some seconds.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { soonOr } from '../soon-or.ts';

export interface CatalogProvider {
  /** Rejects with NOT_APPLIED while nothing is registered. */
  current(): Promise<Catalog>;
}

export interface FreshCatalogOptions {
  readonly maxAgeMillis?: number;
  /** How long a call waits for a newer version where one is known. */
  readonly maxWaitMillis?: number;
  /** And where none is known. */
  readonly maxFirstWaitMillis?: number;
  readonly nowMillis?: () => number;
  readonly logger?: FreshCatalogLogger;
}

/** Each change, once: the newest version cannot be looked up, for this reason; it can be again. */
export interface FreshCatalogLogger {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
}

const MAX_AGE_MILLIS = 500;
const MAX_WAIT_MILLIS = 50;
const MAX_FIRST_WAIT_MILLIS = 2000;

export function freshCatalog(registry: CatalogProvider, options: FreshCatalogOptions = {}): CatalogProvider {
  const { maxAgeMillis = MAX_AGE_MILLIS, maxWaitMillis = MAX_WAIT_MILLIS } = options;
  const { maxFirstWaitMillis = MAX_FIRST_WAIT_MILLIS } = options;
  const { nowMillis = Date.now, logger } = options;
  let known: { readonly catalog: Catalog; readonly readAtMillis: number } | null = null;
  let reading: { readonly catalog: Promise<Catalog>; readonly startedMillis: number } | null = null;
  let staleBecause: string | null = null;

  const read = async (): Promise<Catalog> => {
    const readAtMillis = nowMillis();
    try {
      known = { catalog: await registry.current(), readAtMillis };
      if (staleBecause !== null) logger?.info({}, 'the registry can be read again');
      staleBecause = null;
    } catch (error) {
      if (known === null) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== staleBecause)
        logger?.warn({ err: error }, 'the registry cannot be read; serving the version known');
      staleBecause = reason;
      known = { catalog: known.catalog, readAtMillis };
    }
    return known.catalog;
  };

  return {
    current: async () => {
      if (known !== null && nowMillis() - known.readAtMillis < maxAgeMillis) return known.catalog;
      reading ??= {
        catalog: read().finally(() => {
          reading = null;
        }),
        startedMillis: nowMillis(),
      };
      const spentMillis = nowMillis() - reading.startedMillis;
      if (known === null) return (await soonOr(reading.catalog, null, maxFirstWaitMillis)) ?? fail();
      if (spentMillis >= maxWaitMillis) return known.catalog;
      return await soonOr(reading.catalog, known.catalog, maxWaitMillis - spentMillis);
    },
  };
}

function fail(): never {
  throw new PlumbError('STORAGE_UNAVAILABLE', 'the registry could not be read so far: the storage does not answer');
}
