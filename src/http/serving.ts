// Puts a lookup together from a catalog and an online store, for the server and for `plumb get`.
import { nowMicros } from '../instant.ts';
import { createLookup } from '../online/lookup.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { CatalogProvider } from '../registry/fresh-catalog.ts';
import type { OnlineFeatures } from './online-features.ts';
import type { OnlineFeaturesQuery } from './online-features-query.ts';

export interface Serving extends OnlineFeatures {
  /** Rejects with a PlumbError while lookups cannot be answered: no registered version, or the store is away. */
  ready(): Promise<void>;
}

/** Owns neither: whoever opened them closes them. */
export function createServing(catalog: CatalogProvider, online: OnlineStore): Serving {
  const lookup = createLookup({ catalog: () => catalog.current(), store: online });
  return {
    answer: ({ service, features, entities, atMicros, ...options }: OnlineFeaturesQuery) => {
      const requested = service === null ? { features: features ?? [] } : { service };
      return lookup.lookup(requested, entities, atMicros ?? nowMicros(), options);
    },
    ready: async () => {
      await catalog.current();
      await online.ping();
    },
  };
}
