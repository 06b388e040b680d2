// Manifests and requests → what a user is told of a run.

import { asPlumbError } from '../../schemas/errors.ts';
import type { RunError } from '../../schemas/wire-types.ts';
import type { ServableView } from '../catalog/catalog.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import type { MaterializeRequest, RunReport } from './run.ts';

export const NO_FILES = { total: 0, scanned: 0, rowGroupsTotal: 0, rowGroupsScanned: 0 };

/** A run that has done nothing so far. */
export const emptyReport = (
  { view, boundTo }: { readonly view: Pick<ServableView, 'name'>; readonly boundTo: readonly string[] },
  request: Pick<MaterializeRequest, 'mode' | 'untilMicros'>,
  startedAt: string,
): RunReport => ({
  view: view.name,
  ...(boundTo.length === 0 ? {} : { boundTo }),
  run: '',
  mode: request.mode,
  outcome: 'failed',
  notice: null,
  error: null,
  generation: null,
  until: formatInstant(request.untilMicros),
  startedAt,
  finishedAt: startedAt,
  rowsScanned: 0,
  rowsWritten: 0,
  tombstonesWritten: 0,
  invalidValues: {},
  sourceFiles: NO_FILES,
});

/** The notice is for operators, the error for everyone. */
export const failedReport = (blank: RunReport, error: unknown): RunReport => ({
  ...blank,
  outcome: 'failed',
  notice: asPlumbError(error).message,
  error: publicErrorOf(error),
  finishedAt: formatInstant(nowMicros()),
});

function publicErrorOf(error: unknown): RunError {
  const { code, publicMessage } = asPlumbError(error);
  return { code, message: publicMessage };
}

/** What clients over the network may read of a run: of a failure, no hosts and no folders. */
export const forClients = <T extends Pick<RunReport, 'notice' | 'error'>>(run: T): T =>
  run.error == null ? run : { ...run, notice: run.error.message };

export const reportOf = (blank: RunReport, manifest: RunManifest, notice: string | null): RunReport => ({
  ...blank,
  run: manifest.run,
  mode: manifest.mode,
  outcome: 'succeeded',
  notice,
  error: null,
  generation: manifest.generation,
  until: manifest.until,
  finishedAt: formatInstant(nowMicros()),
  rowsScanned: manifest.scan.rows,
  rowsWritten: manifest.rows,
  tombstonesWritten: manifest.tombstones,
  invalidValues: manifest.invalidValues,
  sourceFiles: {
    total: manifest.scan.filesTotal,
    scanned: manifest.scan.filesScanned,
    rowGroupsTotal: manifest.scan.rowGroupsTotal,
    rowGroupsScanned: manifest.scan.rowGroupsScanned,
  },
});
