// The records of erasures, for ever:
//
//   erasures/<id>/record.json     entity, keys, instant: written once, before anything else is done
//   erasures/<id>/progress.json   what was found online and in reports so far, while it is pending
//   erasures/<id>/report.json     what was done, written last: with it the erasure is done
//
// The keys are in the record, in plain: without them nobody could leave the rows out. They are in none of the others.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PlumbError } from '../../schemas/errors.ts';
import { JOIN_KEY_TYPES } from '../../schemas/types.ts';
import { erasureReportSchema } from '../../schemas/wire.ts';
import type { ErasureReport } from '../../schemas/wire-types.ts';
import type { Catalog, JoinKey } from '../catalog/catalog.ts';
import type { Erasure } from '../catalog/erasure.ts';
import { formatInstant, nowMicros, requireInstant } from '../instant.ts';
import { jsonOrNull } from '../json-or-null.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { readEach } from '../storage/read-each.ts';
import { isStorageAbsent } from '../storage/storage-absent.ts';

export const ERASURES_FOLDER = 'erasures/';
/** Every run reads them all. */
export const MOST_ERASURES = 100_000;

export const recordKey = (id: string): string => `${ERASURES_FOLDER}${id}/record.json`;
/** undefined: the key of something else. */
export const idOfRecordKey = (key: string): string | undefined => /^erasures\/([^/]+)\/record\.json$/.exec(key)?.[1];
export const reportKey = (id: string): string => `${ERASURES_FOLDER}${id}/report.json`;
const progressKey = (id: string): string => `${ERASURES_FOLDER}${id}/progress.json`;

export interface ErasureRecord {
  readonly kind: 'erasure';
  readonly id: string;
  readonly entity: string;
  readonly joinKeys: readonly JoinKey[];
  readonly keys: readonly (readonly string[])[];
  /** RFC 3339. */
  readonly before: string;
}

const contract: z.ZodType<ErasureRecord> = z.strictObject({
  kind: z.literal('erasure'),
  id: z.string(),
  entity: z.string(),
  joinKeys: z.array(z.strictObject({ name: z.string(), type: z.enum(JOIN_KEY_TYPES) })),
  keys: z.array(z.array(z.string())),
  before: z.string(),
});

/** Counts before things are removed, so that an erasure that is cut off knows them still. */
export interface FoundSoFar {
  /** Entries by view. */
  readonly online: Readonly<Record<string, number>>;
  readonly reports: number;
  readonly examples: number;
}

const foundContract: z.ZodType<FoundSoFar> = z.object({
  online: z.record(z.string(), z.int()),
  reports: z.int(),
  examples: z.int(),
});

export const NOTHING_FOUND: FoundSoFar = { online: {}, reports: 0, examples: 0 };

/** Ids sort by time. */
function newId(micros: bigint): string {
  const time = new Date(Number(micros / 1000n)).toISOString().replaceAll(/\D/g, '');
  return `${time}-erasure-${randomBytes(4).toString('hex')}`;
}

export class ErasureRecords {
  readonly #store: ObjectStore;
  /** Records never change. */
  readonly #known = new Map<string, ErasureRecord>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async write(wanted: Pick<ErasureRecord, 'entity' | 'joinKeys' | 'keys'>): Promise<ErasureRecord> {
    const count = (await this.ids()).length;
    if (count >= MOST_ERASURES)
      throw new PlumbError('INVALID_REQUEST', `found ${count} erasures, expected at most ${MOST_ERASURES}`);
    for (;;) {
      const micros = nowMicros();
      const id = newId(micros);
      const record: ErasureRecord = { kind: 'erasure', id, ...wanted, before: formatInstant(micros) };
      if (await this.#store.putIfAbsent(recordKey(id), Buffer.from(`${JSON.stringify(record)}\n`))) return record;
    }
  }

  /** Ascending: oldest first. */
  async ids(): Promise<readonly string[]> {
    return [...(await this.#listed()).keys()];
  }

  /** null: there is none. */
  async find(id: string): Promise<ErasureRecord | null> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const record = await this.#read(
      recordKey(id),
      contract,
      'restore it from a backup: rows of its keys count again without it',
    );
    if (record !== null) this.#known.set(id, record);
    return record;
  }

  /** null: it is pending. */
  report(id: string): Promise<ErasureReport | null> {
    return this.#read(reportKey(id), erasureReportSchema, 'remove it: the erasure is then done again');
  }

  async found(id: string): Promise<FoundSoFar> {
    return (await this.#read(progressKey(id), foundContract, 'remove it')) ?? NOTHING_FOUND;
  }

  async writeFound(id: string, found: FoundSoFar): Promise<void> {
    await this.#store.put(progressKey(id), Buffer.from(`${JSON.stringify(found)}\n`));
  }

  async writeReport(id: string, report: ErasureReport): Promise<void> {
    await this.#store.put(reportKey(id), Buffer.from(`${JSON.stringify(report, null, 2)}\n`));
  }

  /** What was erased is to be done again: its rows may have come back, from a backup. */
  async reopen(ids: readonly string[]): Promise<void> {
    await this.#store.delete(ids.map(reportKey));
  }

  /** All, for who plans. */
  async all(): Promise<readonly Erasure[]> {
    const listed = [...(await this.#listed())];
    const erasures = readEach(listed, async ([id, isPending]) => {
      const record = await this.find(id);
      return record === null ? null : erasureOf(record, isPending);
    });
    return (await Array.fromAsync(erasures)).filter((erasure) => erasure !== null);
  }

  /** Ids of those that are not done, oldest first. */
  async pending(): Promise<readonly string[]> {
    return [...(await this.#listed())].flatMap(([id, isPending]) => (isPending ? [id] : []));
  }

  async attached(catalog: Catalog): Promise<Catalog> {
    const erasures = await this.all();
    return erasures.length === 0 ? catalog : { ...catalog, erasures };
  }

  /** Id → whether it is pending. */
  async #listed(): Promise<ReadonlyMap<string, boolean>> {
    const objects = await this.#store.list(ERASURES_FOLDER).catch((error: unknown) => {
      if (isStorageAbsent(error)) return [];
      throw error;
    });
    const keys = new Set(objects.map(({ key }) => key));
    const ids = objects.flatMap(({ key }) => idOfRecordKey(key) ?? []);
    return new Map(ids.map((id) => [id, !keys.has(reportKey(id))]));
  }

  async #read<T>(key: string, type: z.ZodType<T>, mending: string): Promise<T | null> {
    const content = await this.#store.get(key);
    if (content === null) return null;
    const parsed = type.safeParse(jsonOrNull(content));
    if (parsed.success) return parsed.data;
    throw new PlumbError('STORAGE_CORRUPT', `the stored object ${key} is damaged; ${mending}`, { details: { key } });
  }
}

export const erasureOf = ({ id, entity, joinKeys, keys, before }: ErasureRecord, isPending: boolean): Erasure => ({
  ...{ id, entity, joinKeys, keys, isPending },
  beforeMicros: requireInstant(before, 'before'),
});
