// How the online store in a folder speaks of what LMDB and the file system say.
import type { ErrorCode, PlumbError } from '../../../schemas/errors.ts';
import * as lmdb from '../../lmdb-failure.ts';

export const placeOf = (folder: string): lmdb.LmdbPlace => ({
  folder,
  called: 'online store',
  ifDamaged: 'move it away and run `plumb materialize --from-snapshot`',
  ifRemoved: 'bring it back, or run `plumb materialize`',
});

export const lmdbFailure = (error: unknown, folder: string): PlumbError => lmdb.lmdbFailure(error, placeOf(folder));

/** `what`: what is wrong with it. Clients over the network are not told where it is. */
export const lmdbError = (code: ErrorCode, folder: string, what: string): PlumbError =>
  lmdb.lmdbError(code, placeOf(folder), what);
