// What servers on one storage tell each other of jobs:
//
//   jobs/<id>.json                   the record, with the server that owns the job
//   jobs/<id>.labels.<ending>        uploaded labels, until the job has ended
//   jobs/servers/<server>.json       when that server was last alive; there while it has jobs
//   jobs/cancel/<server>.<id>        somebody asks the owner to cancel
//
// Records hold what a client may read, and no path.
import { z } from 'zod';
import { PlumbError } from '../../schemas/errors.ts';
import { jobSchema } from '../../schemas/wire.ts';
import type { Job } from '../../schemas/wire-types.ts';
import { jsonOrNull } from '../json-or-null.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { readEach } from '../storage/read-each.ts';
import { isEnded, type JobKind } from './job.ts';
import { kindOfJobId } from './job-id.ts';

export interface JobRecord {
  readonly owner: string;
  readonly job: Job;
}

/** Older ones are removed. */
const KEPT_RECORDS = 1000;

const recordContract: z.ZodType<JobRecord> = z.object({ owner: z.string(), job: jobSchema });
const serverContract = z.object({ aliveAtMillis: z.number() });

const recordKey = (id: string): string => `jobs/${id}.json`;
const labelsKey = (id: string, ending: string): string => `jobs/${id}.labels${ending}`;
const LABEL_ENDINGS = ['.jsonl', '.arrow'] as const;
export type LabelEnding = (typeof LABEL_ENDINGS)[number];
const SERVERS = 'jobs/servers/';
const CANCEL = 'jobs/cancel/';

export class JobRecords {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** null where there is none. */
  async read(id: string): Promise<JobRecord | null> {
    return kindOfJobId(id) === null ? null : await this.#readJson(recordKey(id), recordContract);
  }

  async write(record: JobRecord): Promise<void> {
    await this.#store.put(recordKey(record.job.id), toJson(record));
  }

  /** Newest first; null: of every kind. */
  async ids(kind: JobKind | null): Promise<readonly string[]> {
    const objects = await this.#store.list('jobs/');
    const ids = objects.flatMap(({ key }) => /^jobs\/([^/.]+)\.json$/.exec(key)?.[1] ?? []);
    return ids
      .filter((id) => {
        const found = kindOfJobId(id);
        return found !== null && (kind === null || found === kind);
      })
      .toReversed();
  }

  /** In the order of `ids`; what vanished meanwhile is left out. */
  async readAll(ids: readonly string[]): Promise<readonly JobRecord[]> {
    const records = await Array.fromAsync(readEach(ids, (id) => this.read(id)));
    return records.filter((record) => record !== null);
  }

  /** Keeps the newest, and all that have not ended. */
  async prune(): Promise<void> {
    const old = await this.readAll((await this.ids(null)).slice(KEPT_RECORDS));
    for (const { job } of old) {
      if (!isEnded(job.status)) continue;
      await this.removeLabels(job.id);
      await this.#store.delete([recordKey(job.id)]);
    }
  }

  /** Moves uploaded labels into the storage; returns where the engine finds them. */
  async keepLabels(id: string, localPath: string, ending: LabelEnding): Promise<string> {
    const key = labelsKey(id, ending);
    await this.#store.adopt([{ localPath, key }]);
    return await this.#store.localPath(key);
  }

  async removeLabels(id: string): Promise<void> {
    await this.#store.delete(LABEL_ENDINGS.map((ending) => labelsKey(id, ending)));
  }

  async beat(server: string, aliveAtMillis: number): Promise<void> {
    await this.#store.put(`${SERVERS}${server}.json`, toJson({ aliveAtMillis }));
  }

  /** Says that the server has no jobs any more. */
  async rest(server: string): Promise<void> {
    const requests = await this.#cancelKeys(server);
    await this.#store.delete([`${SERVERS}${server}.json`, ...requests]);
  }

  /** When the server was last alive; null where it has no jobs. */
  async aliveAtMillis(server: string): Promise<number | null> {
    return (await this.#readJson(`${SERVERS}${server}.json`, serverContract))?.aliveAtMillis ?? null;
  }

  async servers(): Promise<readonly string[]> {
    return (await this.#store.list(SERVERS)).map(({ key }) => key.slice(SERVERS.length, -'.json'.length));
  }

  async askToCancel({ owner, job }: JobRecord): Promise<void> {
    await this.#store.put(`${CANCEL}${owner}.${job.id}`, new Uint8Array());
  }

  /** The jobs of this server that others asked to cancel; each is told once. */
  async takeCancelled(server: string): Promise<readonly string[]> {
    const keys = await this.#cancelKeys(server);
    await this.#store.delete(keys);
    return keys.map((key) => key.slice(`${CANCEL}${server}.`.length));
  }

  async #cancelKeys(server: string): Promise<readonly string[]> {
    const keys = (await this.#store.list(CANCEL)).map(({ key }) => key);
    return keys.filter((key) => key.startsWith(`${CANCEL}${server}.`));
  }

  async #readJson<T>(key: string, contract: z.ZodType<T>): Promise<T | null> {
    const content = await this.#store.get(key);
    if (content === null) return null;
    const parsed = contract.safeParse(jsonOrNull(content));
    if (parsed.success) return parsed.data;
    throw new PlumbError('STORAGE_CORRUPT', `the stored object ${key} is damaged: it is not the record it should be`, {
      details: { key },
    });
  }
}

const toJson = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, withBigInts)}\n`);
const withBigInts = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
