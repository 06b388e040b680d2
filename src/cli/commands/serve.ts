// plumb serve: answers over HTTP until it is told to stop, in one process or in several.
import { InvalidArgumentError } from 'commander';
import { DUTIES, type Duty } from '../../../schemas/duties.ts';
import { PlumbError } from '../../../schemas/errors.ts';
import { MOST_WORKERS } from '../../../schemas/most-workers.ts';
import type { Config } from '../../config/config.ts';
import type { Register } from '../command.ts';
import type { Invocation } from '../invocation.ts';
import { wholeNumber } from '../number-option.ts';
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
    .option('--port <port>', 'port to listen on; 0 takes any free one', wholeNumber(0, 65_535))
    .option('--host <host>', 'address to listen on')
    .option('--workers <n>', 'processes that answer on that port', wholeNumber(1, MOST_WORKERS))
    .option('--insecure', 'take an address beyond this machine without asking for keys')
    .option('--scheduler', 'also run what is scheduled')
    .option('--only <duties>', `do only so much, of ${DUTIES.join(', ')}; by commas`, parseDuties)
    .action(run(serve));
};

async function serve(invocation: Invocation, { scheduler, only, ...options }: Options): Promise<number> {
  if (scheduler === true && only !== undefined) throw bothWays(only);
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

function bothWays(only: readonly Duty[]): PlumbError {
  const written = `--only ${only.join(',')}`;
  const advice = only.includes('schedule')
    ? `${written} runs what is scheduled already: leave --scheduler out`
    : `--scheduler cannot be used with ${written}: write --only ${withScheduler(only).join(',')}`;
  return new PlumbError('INVALID_REQUEST', advice);
}

const withScheduler = (duties: readonly Duty[]): readonly Duty[] => [...new Set<Duty>([...duties, 'schedule'])];

function parseDuties(text: string): readonly Duty[] {
  const names = text.split(',').map((name) => name.trim());
  const duties = DUTIES.filter((duty) => names.includes(duty));
  if (duties.length > 0 && names.every((name) => DUTIES.some((duty) => duty === name))) return duties;
  throw new InvalidArgumentError(`expected some of ${DUTIES.join(', ')}, parted by commas`);
}
