// The work of a job, wherever it runs.
import { errorData, type PlumbError } from '../../schemas/errors.ts';
import type { Materializer } from '../materialize/run.ts';
import { forClients } from '../materialize/run-report.ts';
import type { Datasets } from '../offline/dataset.ts';
import type { JobOutcome, JobRunner, OnProgress, ViewFailure } from './job.ts';

export interface JobPorts {
  openDatasets(signal: AbortSignal): Promise<Pick<Datasets, 'create'> & AsyncDisposable>;
  /** Runs a plumb command, and rejects where its exit code is not 0. */
  runCommand(words: readonly string[], signal: AbortSignal): Promise<void>;
  openMaterializer(signal: AbortSignal): Promise<Pick<Materializer, 'materialize'> & AsyncDisposable>;
}

export const runInThisProcess = (ports: JobPorts): JobRunner => ({
  run: async (work, onProgress, signal) => {
    if (work.kind === 'materialization') return await materialize(ports, work.request, onProgress, signal);
    if (work.kind === 'command') {
      await ports.runCommand(work.words, signal);
      return { result: { exitCode: 0 }, failures: [] };
    }
    await using datasets = await ports.openDatasets(signal);
    const {
      name,
      version,
      rows,
      warnings = [],
    } = await datasets.create(work.request, (progress) => onProgress({ ...progress, view: null }));
    return { result: { name, version, rows, ...(warnings.length === 0 ? {} : { warnings }) }, failures: [] };
  },
});

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
