// Lookups as the surfaces ask for them, over HTTP and by `plumb get`: from a catalog and an online store.
import { nowMicros } from '../../instant.ts';
import { createLookup } from '../../online/lookup.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import type { CatalogProvider } from '../../registry/fresh-catalog.ts';
import type { AnswerForm } from './answer-form.ts';
import type { LookupQuery } from './lookup-query.ts';

export interface Lookups {
  /** The body of the 200 answer: JSON in UTF-8, or an Arrow IPC stream. Rejects with a PlumbError. */
  answer(query: LookupQuery, form: AnswerForm): Promise<Uint8Array<ArrayBuffer>>;
}

/** Owns neither: the code that opened them closes them. */
export function createLookups(catalog: CatalogProvider, online: OnlineStore): Lookups {
  const lookup = createLookup({ catalog: () => catalog.current(), store: online });
  return {
    answer: ({ service, features, entities, atMicros, ...options }, form) => {
      const requested = service === null ? { features: features ?? [] } : { service };
      return lookup[form === 'arrow' ? 'arrow' : 'lookup'](requested, entities, atMicros ?? nowMicros(), options);
    },
  };
}
