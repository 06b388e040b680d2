// plumb serve-worker: one of the processes that answer for `plumb serve --workers`. Hidden: that one starts it and speaks to it.
import { asPlumbError, errorData, PlumbError } from '../../../schemas/errors.ts';
import { failpoint } from '../../failpoint.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { PrimaryFunctions, WorkerFunctions, WorkerSettings } from '../../workers/agreement.ts';
import type { Remote } from '../../workers/calls.ts';
import type { SharedParts } from '../app.ts';
import type { Register } from '../command.ts';
import type { Invocation } from '../invocation.ts';

export const registerServeWorker: Register = (program, run) => {
  program.command('serve-worker <number>', { hidden: true }).action(run(serveWorker));
};

const ALIVE_MILLIS = 1000;

async function serveWorker(invocation: Invocation, number: string): Promise<number> {
  const [{ connectToPrimary }, { listen }, { serveUntil }] = await Promise.all([
    import('../../workers/primary.ts'),
    import('../../http/server.ts'),
    import('../serve/serve-until.ts'),
  ]);
  const { app, io } = invocation;
  const logger = invocation.logger('info').child({ worker: Number(number) });
  // Ctrl-C reaches the whole group of processes: the primary decides when this one ends.
  using _signals = io.onSignal(() => {});
  const { telemetry } = await app.createTelemetry();
  const told = new ToldByPrimary(() => telemetry.snapshot('all'));
  const onDefect = (err: unknown): void => logger.error({ err }, 'internal error');
  const primary = connectToPrimary({ functions: told.functions, onDefect, onGone: () => io.exitNow(0) });
  const { config, host, port, listensAtOnce } = await told.settings;
  failpoint('serve-worker.start');
  const shared = await sharedParts(primary, telemetry);
  setInterval(async () => void primary.alive(await telemetry.snapshot('without process')), ALIVE_MILLIS).unref();
  const opened = new AsyncDisposableStack();
  try {
    await serveUntil(told.stop, {
      ...{ config, logger, opened, listensAtOnce },
      listen: async () => {
        const server = await listen({ ...config.server, host, port, sharesPort: true });
        void primary.listening();
        return server;
      },
      open: (signal) => app.openServer(config, { signal, logger, shared }),
      requireReady: () => told.requireReady(),
      onAnnounced: () => void primary.announce(),
      onReady: () => void primary.ready(),
    });
    await opened.disposeAsync();
    told.closed();
    return 0;
  } catch (error) {
    if (!(error instanceof PlumbError)) onDefect(error);
    await primary.failed(errorData(asPlumbError(error)));
    return 1;
  }
}

/** Jobs are the primary's, and metrics those of the whole server. */
async function sharedParts(primary: Remote<PrimaryFunctions>, telemetry: Telemetry): Promise<SharedParts> {
  const [{ jobsOfPrimary }, { explanationsOfPrimary }] = await Promise.all([
    import('../../workers/shared-jobs.ts'),
    import('../../workers/shared-explanations.ts'),
  ]);
  const exposition = { ...telemetry.exposition, text: () => primary.metrics() };
  return {
    jobs: jobsOfPrimary(primary),
    explaining: explanationsOfPrimary(primary),
    telemetry: { ...telemetry, exposition },
  };
}

class ToldByPrimary {
  readonly functions: WorkerFunctions;
  readonly #settings = Promise.withResolvers<WorkerSettings>();
  readonly #stop = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #serverIsReady = false;

  constructor(snapshot: WorkerFunctions['snapshot']) {
    this.functions = {
      serve: this.#settings.resolve,
      serverIsReady: () => {
        this.#serverIsReady = true;
      },
      snapshot,
      drain: async () => {
        this.#stop.abort();
        await this.#closed.promise;
      },
    };
  }

  get settings(): Promise<WorkerSettings> {
    return this.#settings.promise;
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** STORE_UNAVAILABLE until each worker of the server has been ready once. */
  requireReady(): void {
    if (!this.#serverIsReady)
      throw new PlumbError('STORE_UNAVAILABLE', 'the server is starting: some of its workers are not ready yet');
  }

  /** Nothing is open any more. */
  closed(): void {
    this.#closed.resolve();
  }
}
