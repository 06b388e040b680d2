// plumb serve with several workers: this process has the jobs and looks after the workers, which answer on one port.
import { once } from 'node:events';
import { PlumbError } from '../../../schemas/errors.ts';
import type { Config } from '../../config/config.ts';
import { holdPort } from '../../http/port.ts';
import { Workers } from '../../workers/workers.ts';
import type { Invocation } from '../invocation.ts';
import { Ending } from './ending.ts';
import { stopRequest } from './stop-request.ts';

export async function serveWithWorkers(invocation: Invocation, config: Config): Promise<void> {
  requireSharedStore(config);
  const { app, io } = invocation;
  const logger = invocation.logger('info');
  const stop = stopRequest(io, logger);
  const ending = new Ending(stop, config, logger);
  const { host, workers: count, drainDelayMillis, drainTimeoutMillis } = config.server;
  const opened = new AsyncDisposableStack();
  const { telemetry, totals } = await app.createTelemetry();
  try {
    const { jobs, explaining } = opened.use(await app.openJobs(config, { logger, telemetry }));
    const port = opened.use(await holdPort(config.server));
    const settings = { config, host, port: port.number };
    const workers = new Workers({
      ...{ count, settings, jobs, explaining, telemetry, totals, logger },
      fork: app.forkWorker,
    });
    opened.use(workers);
    const stopped = stop.aborted ? Promise.resolve() : once(stop, 'abort');
    await Promise.race([workers.announced, workers.gaveUp, stopped]);
    await port.release();
    if (!stop.aborted) invocation.result({ listening: port.url }, () => `plumb listening on ${port.url}`);
    await Promise.race([workers.gaveUp, stopped]);
    await workers.drain(drainDelayMillis + drainTimeoutMillis + LEEWAY_MILLIS);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
  await ending.close(opened);
}

/** Beyond the time for draining, until a worker that has not ended is made to. */
const LEEWAY_MILLIS = 2000;

function requireSharedStore({ server: { workers }, online }: Config): void {
  if (online.kind !== 'memory') return;
  const message = `server.workers: found ${workers} with online.kind memory, expected 1, or lmdb or redis: each process would have a memory of its own`;
  throw new PlumbError('INVALID_CONFIG', message, { details: { path: 'server.workers' } });
}
