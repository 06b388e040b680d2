// What lies where backups are kept, a folder or a bucket prefix of their own:
//
//   objects/<first 2 digits>/<SHA-256>   the content of objects, each once, whatever backups and names it has
//   backups/<number, 8 digits>.json      one backup: which objects a storage had, written last; with it the backup exists
//   leases/                              one writer at a time
//
// Nothing is replaced by anything else, so a backup that was cut off harms none of the former ones.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { PlumbError } from '../../schemas/errors.ts';
import { isKey } from '../storage/object-key.ts';
import type { ObjectStore } from '../storage/object-store.ts';

export interface StoredObject {
  /** In the storage. */
  readonly key: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A view that was online: enough to load the same rows into the same generation, at the same watermark. */
export interface StoredServing {
  readonly view: string;
  readonly generation: string;
  /** The run that was live: its chain has the rows. */
  readonly run: string;
  /** RFC 3339. */
  readonly watermark: string;
  /** Of a former definition, held beside the live one for bound training sets; absent: the live one. */
  readonly place?: 'bound' | undefined;
  /** The greatest token used on the view, as text: it may exceed 2^53. */
  readonly token: string;
  readonly rebuildCount: number;
}

export interface BackupManifest {
  readonly kind: 'backup';
  readonly format: 1;
  readonly number: number;
  readonly project: string;
  readonly createdAt: string;
  /** The newest registered version; 0: none. */
  readonly registryVersion: number;
  readonly withDatasetParts: boolean;
  readonly online: readonly StoredServing[];
  readonly objects: readonly StoredObject[];
}

export const BACKUPS_PREFIX = 'backups/';
export const OBJECTS_PREFIX = 'objects/';

const HASH = /^[0-9a-f]{64}$/;
const count = z.int().nonnegative();
const contract: z.ZodType<BackupManifest> = z.strictObject({
  kind: z.literal('backup'),
  format: z.literal(1),
  number: z.int().positive(),
  project: z.string(),
  createdAt: z.string(),
  registryVersion: count,
  withDatasetParts: z.boolean(),
  online: z.array(
    z.strictObject({
      view: z.string(),
      generation: z.string(),
      run: z.string(),
      watermark: z.string(),
      place: z.literal('bound').optional(),
      token: z.string().regex(/^\d+$/),
      rebuildCount: count,
    }),
  ),
  objects: z.array(z.strictObject({ key: z.string().refine(isKey), sizeBytes: count, sha256: z.string().regex(HASH) })),
});

export const manifestKey = (number: number): string => `${BACKUPS_PREFIX}${String(number).padStart(8, '0')}.json`;
export const contentKey = (sha256: string): string => `${OBJECTS_PREFIX}${sha256.slice(0, 2)}/${sha256}`;

/** null for what is no content of an object. */
export function hashOfKey(key: string): string | null {
  const hash = key.slice(key.lastIndexOf('/') + 1);
  return HASH.test(hash) && contentKey(hash) === key ? hash : null;
}

export const sha256Of = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Ascending. */
export async function backupNumbers(place: Pick<ObjectStore, 'list'>): Promise<readonly number[]> {
  const keys = (await place.list(BACKUPS_PREFIX)).map(({ key }) => /^backups\/(\d{8,})\.json$/.exec(key)?.[1]);
  return keys
    .filter((digits) => digits !== undefined)
    .map(Number)
    .toSorted((left, right) => left - right);
}

/** False where there is one of that number. */
export function writeBackup(place: ObjectStore, backup: BackupManifest): Promise<boolean> {
  const text = JSON.stringify(backup);
  const document = `{"sha256":"${sha256Of(Buffer.from(text))}","backup":${text}}\n`;
  return place.putIfAbsent(manifestKey(backup.number), Buffer.from(document));
}

/** null where there is none; STORAGE_CORRUPT where it is not what was written. */
export async function readBackup(place: ObjectStore, number: number): Promise<BackupManifest | null> {
  const key = manifestKey(number);
  const content = await place.get(key);
  if (content === null) return null;
  const { sha256, backup } = parsed(key, content);
  if (sha256 !== sha256Of(Buffer.from(JSON.stringify(backup) ?? '')))
    throw damaged(key, 'it does not match its checksum');
  const checked = contract.safeParse(backup);
  if (checked.success && checked.data.number === number) return checked.data;
  throw damaged(key, 'it is no backup of format 1: was it written by a newer Plumb?');
}

function parsed(key: string, content: Uint8Array): { readonly sha256?: unknown; readonly backup?: unknown } {
  try {
    return Object(JSON.parse(Buffer.from(content).toString('utf8')));
  } catch (cause) {
    throw damaged(key, 'it is not JSON', cause);
  }
}

export const damaged = (key: string, problem: string, cause?: unknown): PlumbError =>
  new PlumbError('STORAGE_CORRUPT', `the backup's object ${key} is damaged: ${problem}`, { details: { key }, cause });
