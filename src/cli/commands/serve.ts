// plumb serve: answers lookups over HTTP until it is told to stop.
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
    .description('answer lookups over HTTP')
    .option('--port <port>', 'port to listen on; 0 takes any free one', parsePort)
    .option('--host <host>', 'address to listen on')
    .action(
      run(async (invocation, options: Options) => {
        const { startServer } = await import('../../http/server.ts');
        const config = await invocation.config();
        const logger = invocation.logger('info');
        const stopping = stopRequested(invocation.io);
        await using serving = await invocation.app.openServing(config, { ...invocation.openOptions(), logger });
        const server = await startServer({
          lookup: serving,
          ready: () => serving.ready(),
          limits: config.server.limits,
          logger,
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
