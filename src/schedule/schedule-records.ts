// What of schedules outlives a process:
//
//   schedules/<name>.json      how far it is, and its last run; written by the leader alone
//   schedules/<name>.paused    there while it is paused; any server writes and removes it
import { z } from 'zod';
import { instantAnswer } from '../../schemas/wire/instant.ts';
import { scheduledRunSchema } from '../../schemas/wire/schedules.ts';
import type { ScheduledRun } from '../../schemas/wire-types.ts';
import { formatInstant, parseInstant } from '../instant.ts';
import { jsonOrNull } from '../json-or-null.ts';
import type { ObjectStore } from '../storage/object-store.ts';

export interface ScheduleRecord {
  /** Of what was run: see Schedule. */
  readonly fingerprint: string;
  readonly handledMicros: bigint | null;
  readonly lastRun: ScheduledRun | null;
}

const recordContract = z.object({
  fingerprint: z.string(),
  handled: instantAnswer().nullable(),
  lastRun: scheduledRunSchema.nullable(),
});

const PREFIX = 'schedules/';
const recordKey = (name: string): string => `${PREFIX}${name}.json`;
const pauseKey = (name: string): string => `${PREFIX}${name}.paused`;

export class ScheduleRecords {
  readonly #store: Pick<ObjectStore, 'get' | 'put' | 'list' | 'delete'>;

  constructor(store: Pick<ObjectStore, 'get' | 'put' | 'list' | 'delete'>) {
    this.#store = store;
  }

  /** null where there is none; one that is damaged counts as none, because the next run writes it anew. */
  async read(name: string): Promise<ScheduleRecord | null> {
    const bytes = await this.#store.get(recordKey(name));
    if (bytes === null) return null;
    const parsed = recordContract.safeParse(jsonOrNull(bytes));
    if (!parsed.success) return null;
    const { fingerprint, handled, lastRun } = parsed.data;
    return { fingerprint, handledMicros: handled === null ? null : parseInstant(handled), lastRun };
  }

  async write(name: string, { fingerprint, handledMicros, lastRun }: ScheduleRecord): Promise<void> {
    const handled = handledMicros === null ? null : formatInstant(handledMicros);
    await this.#store.put(recordKey(name), Buffer.from(`${JSON.stringify({ fingerprint, handled, lastRun })}\n`));
  }

  async paused(): Promise<ReadonlySet<string>> {
    const keys = (await this.#store.list(PREFIX)).map(({ key }) => key);
    return new Set(keys.flatMap((key) => /^schedules\/(\w+)\.paused$/.exec(key)?.[1] ?? []));
  }

  async pause(name: string): Promise<void> {
    await this.#store.put(pauseKey(name), new Uint8Array());
  }

  async resume(name: string): Promise<void> {
    await this.#store.delete([pauseKey(name)]);
  }
}
