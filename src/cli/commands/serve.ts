// plumb serve: answers over HTTP until it is told to stop, in one process or in several.
import { InvalidArgumentError, Option } from 'commander';
import { DUTIES, type Duty } from '../../../schemas/duties.ts';
import { MOST_WORKERS } from '../../../schemas/most-workers.ts';
import type { Config } from '../../config/config.ts';
import type { Register } from '../command.ts';
import type { Invocation } from '../invocation.ts';
import { Ending } from '../serve/ending.ts';
import { requireSafeAddress } from '../serve/safe-address.ts';
import { stopRequest } from '../serve/stop-request.ts';

interface Options {
  readonly port?: number;
  readonly host?: string;
  readonly workers?: number;
  readonly insecure?: boolean;
  readonly scheduler?: boolean;
  readonly only?: readonly Duty[];
}

export const registerServe: Register = (program, run) => {
  program
    .command('serve')
    .description('answer over HTTP: lookups, jobs, the registry')
    .option('--port <port>', 'port to listen on; 0 takes any free one', parsePort)
    .option('--host <host>', 'address to listen on')
    .option('--workers <n>', 'processes that answer on that port', parseWorkers)
    .option('--insecure', 'take an address beyond this machine without asking for keys')
    .addOption(new Option('--scheduler', 'also run what is scheduled').conflicts('only'))
    .option('--only <duties>', `do only so much, of ${DUTIES.join(', ')}; by commas`, parseDuties)
    .action(run(serve));
};

async function serve(invocation: Invocation, { scheduler, only, ...options }: Options): Promise<number> {
  const loaded = await invocation.config();
  const duties = only ?? (scheduler === true ? withScheduler(loaded.server.duties) : loaded.server.duties);
  const config: Config = { ...loaded, server: { ...loaded.server, ...options, duties: [...duties] } };
  requireSafeAddress(config.server);
  if (config.server.workers === 1) await serveAlone(invocation, config);
  else await (await import('../serve/serve-with-workers.ts')).serveWithWorkers(invocation, config);
  return 0;
}

async function serveAlone(invocation: Invocation, config: Config): Promise<void> {
  const [{ listen }, { serveUntil }] = await Promise.all([
    import('../../http/server.ts'),
    import('../serve/serve-until.ts'),
  ]);
  const logger = invocation.logger('info');
  const stop = stopRequest(invocation.io, logger);
  const ending = new Ending(stop, config, logger);
  const opened = new AsyncDisposableStack();
  await serveUntil(stop, {
    ...{ config, logger, opened },
    listen: () => listen(config.server),
    listensAtOnce: true,
    open: (signal) => invocation.app.openServer(config, { signal, logger }),
    onAnnounced: (url) => invocation.result({ listening: url }, () => `plumb listening on ${url}`),
    onReady: () => {},
  });
  await ending.close(opened);
}

const withScheduler = (duties: readonly Duty[]): readonly Duty[] => [...new Set<Duty>([...duties, 'schedule'])];

function parseDuties(text: string): readonly Duty[] {
  const names = text.split(',').map((name) => name.trim());
  const duties = DUTIES.filter((duty) => names.includes(duty));
  if (duties.length > 0 && names.every((name) => DUTIES.some((duty) => duty === name))) return duties;
  throw new InvalidArgumentError(`expected some of ${DUTIES.join(', ')}, parted by commas`);
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('expected a port from 0 to 65535');
}

function parseWorkers(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= MOST_WORKERS) return count;
  throw new InvalidArgumentError(`expected a number from 1 to ${MOST_WORKERS}`);
}
