// Long work of a server, for src/main.ts: its jobs and its explanations, each in a process of its own.
import { PlumbError } from '../../schemas/errors.ts';
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import { EXPLANATION_MILLIS, type Explaining, Explanations } from '../jobs/explanations.ts';
import type { JobRunner, JobWork } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { ProcessRunnerOptions } from '../jobs/process-runner.ts';
import type { JobPorts } from '../jobs/run-job.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { openExplainer } from './explainer.ts';
import { opened, openObjectStore } from './stores.ts';

export interface ServerWorkPorts extends Pick<OpenOptions, 'logger'> {
  readonly telemetry: Telemetry;
  /** Of the server; undefined where it has none. */
  readonly online: OnlineStore | undefined;
  /** The file that starts Plumb anew. */
  readonly program: string;
  readonly openDatasets: JobPorts['openDatasets'];
  readonly openEraser: (online: OnlineStore, signal: AbortSignal) => ReturnType<JobPorts['openEraser']>;
  readonly openMaterializer: (online: OnlineStore, signal: AbortSignal) => ReturnType<JobPorts['openMaterializer']>;
}

export interface ServerWork {
  readonly jobs: Jobs;
  readonly explaining: Explaining;
}

export async function openServerWork(
  config: Config,
  stack: AsyncDisposableStack,
  ports: ServerWorkPorts,
): Promise<ServerWork> {
  const [{ measuredJobs }, { runInProcess, explainInProcess }, { resumeErasures }] = await Promise.all([
    import('../jobs/job-metrics.ts'),
    import('../jobs/process-runner.ts'),
    import('../jobs/resume-erasures.ts'),
  ]);
  const { logger, telemetry, program } = ports;
  const store = stack.use(await openObjectStore(config, { logger }));
  const { concurrentJobs, limits } = config.server;
  const process = { program, args: ['job-worker', '--config', config.file], ...config.server.jobs };
  const inMemory = config.online.kind === 'memory' ? ports.online : undefined;
  const runner = runInProcess(process);
  const options = { store, concurrentJobs, queuedJobs: limits.queuedJobs, logger };
  const jobs = stack.use(
    measuredJobs(
      { ...options, runner: inMemory === undefined ? runner : await fillHere(runner, inMemory, ports) },
      telemetry,
    ),
  );
  if (config.server.duties.includes('jobs')) void resumeErasures(jobs, store, logger);
  return {
    jobs,
    explaining: stack.use(
      new Explanations(
        inMemory === undefined ? explainInProcess(ofExplanations(process)) : explainHere(config, inMemory, ports),
      ),
    ),
  };
}

const ofExplanations = (process: ProcessRunnerOptions): ProcessRunnerOptions => ({
  ...process,
  timeoutMillis: EXPLANATION_MILLIS,
  late: {
    what: '$.explain: the explanation',
    advice: 'name fewer features, with "features", or run `plumb get --explain`, which has no such limit',
  },
});

/** The memory store is seen by no other process: this one fills it. */
async function fillHere(elsewhere: JobRunner, online: OnlineStore, ports: ServerWorkPorts): Promise<JobRunner> {
  const { runInThisProcess } = await import('../jobs/run-job.ts');
  const here = runInThisProcess({
    runCommand: async () => {
      throw new PlumbError('INTERNAL', 'internal error: a command is run in a process of its own');
    },
    openDatasets: ports.openDatasets,
    openEraser: (signal) => ports.openEraser(online, signal),
    openMaterializer: (signal) => ports.openMaterializer(online, signal),
  });
  const isHere = ({ kind }: JobWork): boolean => kind === 'materialization' || kind === 'erasure';
  return { run: (work, ...rest) => (isHere(work) ? here : elsewhere).run(work, ...rest) };
}

/** Likewise. */
const explainHere = (config: Config, online: OnlineStore, { logger }: ServerWorkPorts): Explaining => ({
  explain: async (request, signal) => {
    const { explanationText } = await import('../audit/explain/explanation-text.ts');
    await using explainer = await opened((stack) => openExplainer(config, stack, { online, signal, logger }));
    return explanationText(await explainer.explain(request));
  },
});
