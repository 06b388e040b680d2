// The work of a job, wherever it runs.
import { errorData, type PlumbError } from '../../schemas/errors.ts';
import type { ErasureReport } from '../../schemas/wire-types.ts';
import type { Eraser } from '../erasure/erasure.ts';
import type { Materializer } from '../materialize/run.ts';
import { forClients } from '../materialize/run-report.ts';
import type { Datasets } from '../offline/dataset.ts';
import type { JobOutcome, JobRunner, OnProgress, ViewFailure } from './job.ts';

export interface JobPorts {
  openDatasets(signal: AbortSignal): Promise<Pick<Datasets, 'create'> & AsyncDisposable>;
  /** Runs a plumb command, and rejects where its exit code is not 0. */
  runCommand(words: readonly string[], signal: AbortSignal): Promise<void>;
  openEraser(signal: AbortSignal): Promise<Pick<Eraser, 'finish'> & AsyncDisposable>;
  openMaterializer(signal: AbortSignal): Promise<Pick<Materializer, 'materialize'> & AsyncDisposable>;
}

export const runInThisProcess = (ports: JobPorts): JobRunner => ({
  run: async (work, onProgress, signal) => {
    switch (work.kind) {
      case 'materialization':
        return await materialize(ports, work.request, onProgress, signal);
      case 'erasure':
        return await erase(ports, work.erasures, onProgress, signal);
      case 'dataset':
        return await createDataset(ports, work.request, onProgress, signal);
      case 'command':
        await ports.runCommand(work.words, signal);
        return { result: { exitCode: 0 }, failures: [] };
    }
  },
});

async function createDataset(
  ports: JobPorts,
  request: Parameters<Datasets['create']>[0],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<JobOutcome> {
  await using datasets = await ports.openDatasets(signal);
  const {
    name,
    version,
    rows,
    warnings = [],
    immature,
  } = await datasets.create(request, (progress) => onProgress({ ...progress, view: null }));
  const told = { ...(warnings.length === 0 ? {} : { warnings }), ...(immature === undefined ? {} : { immature }) };
  return { result: { name, version, rows, ...told }, failures: [] };
}

async function erase(
  ports: JobPorts,
  erasures: readonly string[],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<JobOutcome> {
  await using eraser = await ports.openEraser(signal);
  const reports: ErasureReport[] = [];
  for (const id of erasures)
    reports.push(
      await eraser.finish(id, ({ doing, done, total }) =>
        onProgress({ phase: doing, view: null, rowsDone: done, rowsTotal: total }),
      ),
    );
  return { result: { reports }, failures: [] };
}

async function materialize(
  ports: JobPorts,
  request: Parameters<Materializer['materialize']>[0],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const failures: ViewFailure[] = [];
  const onFailure = (view: string, error: PlumbError): void => void failures.push({ view, error: errorData(error) });
  await using materializer = await ports.openMaterializer(signal);
  const runs = await materializer.materialize(request, onProgress, onFailure);
  return { result: { runs: runs.map(forClients) }, failures };
}
