// Every top-level folder of a storage, and what a backup does with it: the one list. A new folder has its line here, or
// storage-folders.test.ts fails.

export interface StorageFolder {
  readonly holds: string;
  /** Why a backup leaves it out; null: it is copied. */
  readonly leftOut: string | null;
  /**
   * Its objects are numbered by whoever writes next, so a storage that has one which the backup lacks has gone another way
   * since: a restore refuses it. Objects of the others stand for themselves, and may lie beside those of the backup.
   */
  readonly isNumbered: boolean;
}

const copied = (holds: string): StorageFolder => ({ holds, leftOut: null, isNumbered: false });
const numbered = (holds: string): StorageFolder => ({ holds, leftOut: null, isNumbered: true });
const leftOut = (holds: string, why: string): StorageFolder => ({ holds, leftOut: why, isNumbered: false });

export const STORAGE_FOLDERS: Readonly<Record<string, StorageFolder>> = {
  registry: numbered('registered versions'),
  views: numbered('runs: manifests, their parts, reports; unfinished runs are left out'),
  datasets: numbered('training sets: manifests, marks, parts; `--without-dataset-parts` leaves the parts out'),
  lake: numbered('events of streams: links, and the parts that they name'),
  bound: copied('training sets that lookups are bound to'),
  schedules: copied('how far schedules are, and which are paused'),
  keys: copied('API keys, of which only hashes are kept'),
  audit: copied('who changed what'),
  erasures: copied('which keys were erased, and when: without them the rows would count again'),
  reports: copied('reports of verifications'),
  jobs: leftOut(
    'jobs and what clients uploaded for them',
    'they belong to servers that live; runs have records of their own',
  ),
  leases: leftOut('who works on what', 'they belong to processes that live'),
  gc: leftOut('where a collection goes on', 'the next one starts from the beginning'),
};

/** `registry` of `registry/00000001.json`. */
export const topFolder = (key: string): string => key.slice(0, Math.max(0, key.indexOf('/')));

export const isCopied = (key: string): boolean => STORAGE_FOLDERS[topFolder(key)]?.leftOut === null;
