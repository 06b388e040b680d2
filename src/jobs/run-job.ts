// The work of a job, wherever it runs.
import type { ErrorData, PlumbError } from '../../schemas/errors.ts';
import type { Materializer, RunReport } from '../materialize/run.ts';
import type { Datasets } from '../offline/dataset.ts';
import type { JobOutcome, JobRunner, OnProgress } from './job.ts';

export interface JobPorts {
  openDatasets(signal: AbortSignal): Promise<Pick<Datasets, 'create'> & AsyncDisposable>;
  openMaterializer(signal: AbortSignal): Promise<Pick<Materializer, 'materialize'> & AsyncDisposable>;
}

export const runInThisProcess = (ports: JobPorts): JobRunner => ({
  run: async (work, onProgress, signal) => {
    if (work.kind === 'materialization') return await materialize(ports, work.request, onProgress, signal);
    await using datasets = await ports.openDatasets(signal);
    const { name, version, rows } = await datasets.create(work.request, (progress) =>
      onProgress({ ...progress, view: null }),
    );
    return { result: { name, version, rows }, error: null };
  },
});

async function materialize(
  ports: JobPorts,
  request: Parameters<Materializer['materialize']>[0],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const failures: Failure[] = [];
  await using materializer = await ports.openMaterializer(signal);
  const runs = await materializer.materialize(request, onProgress, (view, error) => failures.push({ view, error }));
  return { result: { runs: runs.map((run) => withoutPlaces(run, failures)) }, error: errorOf(failures, runs.length) };
}

interface Failure {
  readonly view: string;
  readonly error: PlumbError;
}

/** Why a view failed, in words for clients. */
function withoutPlaces(run: RunReport, failures: readonly Failure[]): RunReport {
  const failure = failures.find(({ view }) => view === run.view);
  return failure === undefined ? run : { ...run, notice: failure.error.publicMessage };
}

/** The code and the words of the first view that failed. */
function errorOf(failures: readonly Failure[], viewCount: number): ErrorData | null {
  const [first] = failures;
  if (first === undefined) return null;
  const { code, message, publicMessage, details } = first.error;
  const some = viewCount === 1 ? '' : `${failures.length} of ${viewCount} views failed; `;
  return {
    code,
    message: `${some}${first.view}: ${message}`,
    publicMessage: `${some}${first.view}: ${publicMessage}`,
    details: { ...details, views: failures.map(({ view }) => view) },
  };
}
