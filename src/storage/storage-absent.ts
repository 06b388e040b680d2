// A storage that is surely not there: its folder was moved away, not mounted, or never made.
import { PlumbError } from '../../schemas/errors.ts';

const WHAT_TO_DO = 'bring it back, or run `plumb apply` to begin a new one';

export const storageAbsent = (root: string): PlumbError =>
  new PlumbError('STORAGE_UNAVAILABLE', `the storage "${root}" does not exist: ${WHAT_TO_DO}`, {
    details: { absent: true },
    publicMessage: `the storage does not exist: ${WHAT_TO_DO}`,
  });

export const isStorageAbsent = (error: unknown): error is PlumbError =>
  error instanceof PlumbError && error.code === 'STORAGE_UNAVAILABLE' && error.details.absent === true;
