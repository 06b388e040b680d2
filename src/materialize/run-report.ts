// Manifests and requests → what a user is told of a run.

import type { PlumbError } from '../../schemas/errors.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { type RunManifest, runFolderName } from '../offline/manifest-run.ts';
import type { MaterializeRequest, RunReport } from './run.ts';

/** A run that has done nothing so far. */
export const emptyReport = (view: FeatureView, request: MaterializeRequest, startedAt: string): RunReport => ({
  view: view.name,
  run: '',
  mode: request.mode,
  outcome: 'failed',
  notice: null,
  generation: null,
  until: formatInstant(request.untilMicros),
  startedAt,
  finishedAt: startedAt,
  rowsScanned: 0,
  rowsWritten: 0,
  tombstonesWritten: 0,
  invalidValues: {},
  sourceFiles: { total: 0, scanned: 0, rowGroupsTotal: 0, rowGroupsScanned: 0 },
});

export const failedReport = (blank: RunReport, token: number, { message }: PlumbError): RunReport => ({
  ...blank,
  run: runFolderName(token),
  notice: message,
  finishedAt: formatInstant(nowMicros()),
});

export const reportOf = (blank: RunReport, manifest: RunManifest, notice: string | null): RunReport => ({
  ...blank,
  run: manifest.run,
  mode: manifest.mode,
  outcome: 'succeeded',
  notice,
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
