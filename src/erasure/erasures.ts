// Erasures as they are asked for and told, by the records alone.
import { PlumbError } from '../../schemas/errors.ts';
import type { ErasureSummary } from '../../schemas/wire-types.ts';
import { quote } from '../quote.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { type EntityPorts, erasedEntity } from './erased-entity.ts';
import type { Erasures } from './erasure.ts';
import { type ErasureRecord, ErasureRecords } from './erasure-records.ts';
import { requestedKeys } from './requested-keys.ts';

export interface ErasuresPorts extends EntityPorts {
  readonly store: ObjectStore;
}

export function createErasures({ store, ...ports }: ErasuresPorts): Erasures {
  const records = new ErasureRecords(store);
  const told = async (id: string): Promise<ErasureSummary | null> => {
    const record = await records.find(id);
    return record === null ? null : await summaryOf(records, record);
  };
  return {
    record: async (request) => {
      const wanted = requestedKeys(await erasedEntity(ports, request.entity), request);
      return await summaryOf(records, await records.write(wanted));
    },
    page: async (limit, after) => {
      const ids = (await records.ids()).toReversed().filter((id) => after === null || id < after);
      const page = ids.slice(0, limit);
      const erasures = (await Promise.all(page.map(told))).filter((one) => one !== null);
      return { erasures, next: ids.length > limit ? (page.at(-1) ?? null) : null };
    },
    show: async (id) => {
      const erasure = ID.test(id) ? await told(id) : null;
      if (erasure !== null) return erasure;
      throw new PlumbError('UNKNOWN_NAME', `there is no erasure ${quote(id)}; GET /v1/erasures lists them`, {
        details: { name: id },
      });
    },
  };
}

const ID = /^\d{17}-erasure-[0-9a-f]{8}$/;

async function summaryOf(records: ErasureRecords, record: ErasureRecord): Promise<ErasureSummary> {
  const { id, entity, keys, before } = record;
  const report = await records.report(id);
  return { id, entity, keys: keys.length, before, status: report === null ? 'pending' : 'done', report };
}
