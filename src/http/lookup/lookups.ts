// Lookups as the surfaces ask for them, over HTTP and by `plumb get`: from a catalog and an online store.
import { nowMicros } from '../../instant.ts';
import { createLookup } from '../../online/lookup.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import type { CatalogProvider } from '../../registry/fresh-catalog.ts';
import type { LookupQuery } from './lookup-query.ts';

export interface Lookups {
  /** The JSON of the 200 answer, in UTF-8. Rejects with a PlumbError. */
  answer(query: LookupQuery): Promise<Uint8Array<ArrayBuffer>>;
}

/** Owns neither: whoever opened them closes them. */
export function createLookups(catalog: CatalogProvider, online: OnlineStore): Lookups {
  const lookup = createLookup({ catalog: () => catalog.current(), store: online });
  return {
    answer: ({ service, features, entities, atMicros, ...options }) => {
      const requested = service === null ? { features: features ?? [] } : { service };
      return lookup.lookup(requested, entities, atMicros ?? nowMicros(), options);
    },
  };
}
