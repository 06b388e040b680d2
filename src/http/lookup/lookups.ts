// Lookups as the surfaces ask for them, over HTTP and by `plumb get`: from a catalog and an online store.
import type { Caller } from '../../access/caller.ts';
import { nowMicros } from '../../instant.ts';
import type { RequestedFeatures } from '../../online/lookup/resolve-request.ts';
import { createLookup } from '../../online/lookup.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import type { CatalogProvider } from '../../registry/fresh-catalog.ts';
import { createLearnedFeatures, type LearnedPorts } from '../../registry/learned-features.ts';
import type { AnswerForm } from './answer-form.ts';
import type { LookupQuery } from './lookup-query.ts';

export interface Lookups {
  /**
   * The body of the 200 answer: JSON in UTF-8, or an Arrow IPC stream. Rejects with a PlumbError. `requireService`: told the
   * service of a dataset, before anything is looked up.
   */
  answer(
    query: LookupQuery,
    form: AnswerForm,
    requireService?: (service: string) => void,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

/** Owns none of the ports: the code that opened them closes them. `ports` absent: no versions of services, no datasets. */
export function createLookups(catalog: CatalogProvider, online: OnlineStore, ports?: LearnedPorts): Lookups {
  const learned = ports === undefined ? undefined : createLearnedFeatures(ports);
  const lookup = createLookup({
    catalog: () => catalog.current(),
    store: online,
    ...(learned === undefined ? {} : { learned }),
  });
  return {
    answer: async (
      { service, features, dataset, entities, atMicros, explain: _, ...options },
      form,
      requireService,
    ) => {
      const requested = requestedOf({ service, features, dataset });
      if (requireService !== undefined && learned !== undefined && 'dataset' in requested)
        requireService((await learned.of(requested, await catalog.current())).service);
      const asked = { ...options, isNow: atMicros === null };
      return await lookup[form === 'arrow' ? 'arrow' : 'lookup'](requested, entities, atMicros ?? nowMicros(), asked);
    },
  };
}

export function requestedOf({
  service,
  features,
  dataset,
}: Pick<LookupQuery, 'service' | 'features' | 'dataset'>): RequestedFeatures {
  if (service !== null) return { service };
  return dataset === null ? { features: features ?? [] } : { dataset };
}

export interface AskedLookup {
  readonly caller: Caller;
  readonly query: LookupQuery;
  readonly form: AnswerForm;
}

/** FORBIDDEN where the key of the caller is limited to other services. */
export function answerTo({ caller, query, form }: AskedLookup, lookups: Lookups): Promise<Uint8Array<ArrayBuffer>> {
  if (query.dataset !== null) return lookups.answer(query, form, (service) => caller.requireService(service));
  const at = query.service?.indexOf('@') ?? -1;
  caller.requireService(at < 0 ? query.service : (query.service as string).slice(0, at));
  return lookups.answer(query, form);
}
