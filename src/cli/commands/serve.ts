// plumb serve: answers over HTTP until it is told to stop; then requests in flight finish, and jobs are cancelled.
import { InvalidArgumentError } from 'commander';
import type { Register } from '../command.ts';
import { type Io, SIGNAL_EXIT_CODES } from '../io.ts';

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
    .action(
      run(async (invocation, options: Options) => {
        const { startServer } = await import('../../http/server.ts');
        const config = await invocation.config();
        const logger = invocation.logger('info');
        const stopping = stopRequested(invocation.io);
        const { limits, labelRoots, corsOrigins } = config.server;
        await using parts = await invocation.app.openServer(config, { ...invocation.openOptions(), logger });
        const server = await startServer({
          ...parts,
          ...{ limits, labelRoots, corsOrigins, logger },
          host: options.host ?? config.server.host,
          port: options.port ?? config.server.port,
        });
        invocation.result({ listening: server.url }, () => `plumb listening on ${server.url}`);
        logger.info({ signal: await stopping }, 'stopping');
        await server.stop();
        return 0;
      }),
    );
};

/** Resolves at the first signal; a second one ends the process. */
function stopRequested(io: Io): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    io.onSignal((signal) => {
      if (asked) io.exitNow(SIGNAL_EXIT_CODES[signal]);
      asked = true;
      resolve(signal);
    });
  });
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('expected a port from 0 to 65535');
}
