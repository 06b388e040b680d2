// plumb materialize [VIEW…]: fills the online store and the snapshots.
import { Option } from 'commander';
import { requireUntil } from '../../materialize/requested-until.ts';
import type { MaterializeRequest, RunReport } from '../../materialize/run.ts';
import type { Register } from '../command.ts';
import { createProgress } from '../progress.ts';
import { runTable } from '../run-table.ts';

interface Options {
  readonly service?: string;
  readonly until?: string;
  readonly allowFuture?: boolean;
  readonly full?: boolean;
  readonly fromSnapshot?: boolean;
  readonly detach?: boolean;
}

export const registerMaterialize: Register = (program, run) => {
  program
    .command('materialize')
    .description('compute features and write them to the online store and to snapshots')
    .argument('[view...]', 'feature views (default: those that a service reads)')
    .option('--service <name>', 'the views that this service reads')
    .option('--until <instant>', 'compute values as of this instant (default: now)')
    .option('--allow-future', 'let --until lie more than a day after the present')
    .addOption(new Option('--full', 'build a new generation from all rows').conflicts('fromSnapshot'))
    .option('--detach', 'do not wait for the rebuild of views that streams feed, with --full')
    .option('--from-snapshot', 'rebuild the online store from the snapshots, computing nothing')
    .action(
      run(async (invocation, views: readonly string[], options: Options) => {
        const request = materializeRequest(views, options);
        const config = await invocation.config();
        using _interruptible = invocation.interruptible();
        await using materializer = await invocation.app.openMaterializer(config, invocation.openOptions());
        using progress = createProgress(invocation.io);
        const runs = await materializer.materialize(request, ({ view, phase, ...rows }) =>
          progress.update({ label: `${view} ${phase}`, ...rows }),
        );
        progress[Symbol.dispose]();
        invocation.result({ runs }, () => (runs.length === 0 ? NOTHING_TO_DO : runTable(runs)));
        return exitCode(runs);
      }),
    );
};

const NOTHING_TO_DO = 'No service reads a feature view that is online: name views, or define a feature service.';

function materializeRequest(
  views: readonly string[],
  { service, until, allowFuture, full, fromSnapshot, detach }: Options,
): MaterializeRequest {
  return {
    views: views.length === 0 ? null : [...new Set(views)],
    service: service ?? null,
    untilMicros: requireUntil(until, { path: '--until', permit: '--allow-future', isPermitted: allowFuture === true }),
    isUntilNow: until === undefined,
    ...(detach === true ? { isDetached: true } : {}),
    mode: full === true ? 'full' : fromSnapshot === true ? 'from_snapshot' : 'incremental',
  };
}

/** A skipped view has its notice in the report and is no failure. */
const exitCode = (runs: readonly RunReport[]): number => (runs.some(({ outcome }) => outcome === 'failed') ? 1 : 0);
