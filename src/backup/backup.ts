// What `src/backup/` is for: everything of a project that cannot be computed again, in another place, and back from there.
// It knows stores by their ports only. These are its public shapes.
import type { ServingPutBack } from '../materialize/put-back.ts';

export interface BackupRequest {
  /** False: of training sets, manifests and marks only. */
  readonly withDatasetParts: boolean;
  /** Once it is made, only so many of the newest stay in the place; null: all. */
  readonly keep: number | null;
}

export interface Amount {
  readonly objects: number;
  readonly bytes: number;
}

export interface BackupReport extends Amount {
  readonly number: number;
  readonly createdAt: string;
  readonly registryVersion: number;
  /** Of them, what was not in the place already. */
  readonly copied: Amount;
  /** Views that were online. */
  readonly online: readonly {
    readonly view: string;
    /** True of a former definition, held for bound training sets; absent of the present one. */
    readonly isFormer?: boolean;
    readonly run: string;
    readonly watermark: string;
  }[];
  /** What of the storage is damaged, and therefore not in the backup: a sentence each. */
  readonly damaged: readonly string[];
  /** Folders of the storage that are not Plumb's. */
  readonly unknown: readonly string[];
  /** Older backups, and objects that only they had. */
  readonly removed: Amount & { readonly backups: number };
}

export interface RestoreRequest {
  /** null: the newest. */
  readonly number: number | null;
  /** Checks everything, and writes nothing. */
  readonly dryRun: boolean;
}

export interface RestoreReport extends Amount {
  readonly dryRun: boolean;
  readonly number: number;
  readonly createdAt: string;
  readonly registryVersion: number;
  /** Of them, what was not in the storage already. */
  readonly restored: Amount;
  readonly online: readonly ServingPutBack[];
  /** Ids of those that are done once more, since the backup may hold their keys; the rows are not put online. */
  readonly erasures: readonly string[];
}

export interface BackupProgress {
  readonly doing: 'copying' | 'verifying' | 'restoring' | 'erasing' | `filling ${string}`;
  readonly done: number;
  /** null while unknown. */
  readonly total: number | null;
  readonly unit: 'objects' | 'rows';
}

export type OnBackupProgress = (progress: BackupProgress) => void;

export interface Backups {
  create(request: BackupRequest, onProgress: OnBackupProgress): Promise<BackupReport>;
  restore(request: RestoreRequest, onProgress: OnBackupProgress): Promise<RestoreReport>;
}
