// plumb serve: answers over HTTP until it is told to stop. It listens before its stores are there, and waits for them.
import { once } from 'node:events';
import { InvalidArgumentError } from 'commander';
import type { PlumbError } from '../../../schemas/errors.ts';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../config/logger.ts';
import type { RunningServer } from '../../http/server.ts';
import { soonOr } from '../../soon-or.ts';
import type { Register } from '../command.ts';
import type { Invocation } from '../invocation.ts';
import { patiently } from '../serve/patiently.ts';
import { stopRequest } from '../serve/stop-request.ts';

interface Options {
  readonly port?: number;
  readonly host?: string;
}

export const registerServe: Register = (program, run) => {
  program
    .command('serve')
    .description('answer over HTTP: lookups, jobs, the registry')
    .option('--port <port>', 'port to listen on; 0 takes any free one', parsePort)
    .option('--host <host>', 'address to listen on')
    .action(run(serve));
};

async function serve(invocation: Invocation, options: Options): Promise<number> {
  const { listen } = await import('../../http/server.ts');
  const config = await invocation.config();
  const logger = invocation.logger('info');
  const stop = stopRequest(invocation.io, logger);
  const server = await listen({ ...config.server, ...options });
  const opened = new AsyncDisposableStack();
  try {
    await answerUntil(stop, { invocation, config, logger, server, opened });
  } catch (error) {
    if (!stop.aborted) {
      await server.stop(0);
      await opened.disposeAsync();
      throw error;
    }
  }
  const { drainDelayMillis, drainTimeoutMillis } = config.server;
  const endsAtMillis = performance.now() + drainDelayMillis + drainTimeoutMillis;
  logger.info({ signal: stop.reason, drainDelayMillis, drainTimeoutMillis }, 'draining');
  const { cutOff } = await server.stop();
  if (cutOff > 0) logger.warn({ cutOff, drainTimeoutMillis }, 'requests that were not answered in time are cut off');
  await closedBy(endsAtMillis, opened, logger);
  return 0;
}

/** A store that is away would be waited for; what is left open then ends with the process. */
async function closedBy(endsAtMillis: number, opened: AsyncDisposableStack, logger: Logger): Promise<void> {
  const leftMillis = Math.max(LEAST_CLOSING_MILLIS, endsAtMillis - performance.now());
  const closed = opened.disposeAsync().then(() => true);
  if (!(await soonOr(closed, false, leftMillis)))
    logger.warn({}, 'a store did not answer in time: jobs that were cut off are told as INTERRUPTED later');
}

/** The worker of a job has five seconds to end; docs/deployment.md says ten for all of it. */
const LEAST_CLOSING_MILLIS = 8000;

interface Serving {
  readonly invocation: Invocation;
  readonly config: Config;
  readonly logger: Logger;
  readonly server: RunningServer;
  /** Takes what has to be closed once the server has stopped. */
  readonly opened: AsyncDisposableStack;
}

async function answerUntil(stop: AbortSignal, { invocation, config, logger, server, opened }: Serving): Promise<void> {
  const announce = announcement(invocation, server);
  const onReason = (reason: PlumbError): void => {
    logger.warn({ code: reason.code }, `not ready: ${reason.message}`);
    server.waitFor(reason);
    announce();
  };
  const open = () => invocation.app.openServer(config, { signal: stop, logger });
  const parts = opened.use(await patiently(open, { signal: stop, onReason }));
  const { limits, labelRoots, corsOrigins } = config.server;
  server.answerFrom({ ...parts, limits, labelRoots, corsOrigins, logger });
  announce();
  const told = new Set<string>();
  // Once each: servers of a Cluster are found away in turn.
  const onUnready = ({ code, message }: PlumbError): void => {
    if (!told.has(message)) logger.info({ code }, `not ready: ${message}`);
    told.add(message);
  };
  // What a store refuses now, such as our password, may be changed there.
  await patiently(() => parts.ready(), { signal: stop, onReason: onUnready, passing: ['INVALID_CONFIG'] });
  logger.info('ready');
  if (!stop.aborted) await once(stop, 'abort');
}

/** Says once where the server listens: when it answers, or when it is known that it has to wait. */
function announcement(invocation: Invocation, { url }: RunningServer): () => void {
  let isSaid = false;
  return () => {
    if (!isSaid) invocation.result({ listening: url }, () => `plumb listening on ${url}`);
    isSaid = true;
  };
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('expected a port from 0 to 65535');
}
