// plumb gc: removes what nobody needs any more.
import { InvalidArgumentError } from 'commander';
import type { GcReport, GcRequest } from '../../retention/collector.ts';
import type { Register } from '../command.ts';
import { parseMillis } from '../duration-option.ts';
import { createProgress } from '../progress.ts';
import { quantity, section, table } from '../table.ts';
import { sizeText } from '../units.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly limit?: number;
  /** Milliseconds. */
  readonly maxTime?: number;
}

export const registerGc: Register = (program, run) => {
  program
    .command('gc')
    .description('remove rows, snapshots and leftovers that nobody needs any more')
    .option('--dry-run', 'show what would be removed and remove nothing')
    .option('--limit <n>', 'stop once about so many rows and objects are removed; the next one goes on', parseLimit)
    .option('--max-time <duration>', 'stop after a time such as 10m; the next one goes on', parseMillis)
    .action(
      run(async (invocation, options: Options) => {
        const config = await invocation.config();
        using _interruptible = invocation.interruptible();
        await using collector = await invocation.app.openCollector(config, invocation.openOptions());
        using progress = createProgress(invocation.io);
        const report = await collector.collect(requestOf(options), ({ step, items }) =>
          progress.update({ label: `gc ${step}`, rowsDone: items, rowsTotal: null }),
        );
        progress[Symbol.dispose]();
        invocation.result(report, () => reportText(report));
        return 0;
      }),
    );
};

const requestOf = ({ dryRun, limit, maxTime }: Options): GcRequest => ({
  dryRun: dryRun === true,
  limit: limit ?? null,
  maxMillis: maxTime ?? null,
});

function reportText({ dryRun, complete, removed, left }: GcReport): string {
  const rows = removed.map(({ kind, name, items, bytes }) => [
    kind,
    name === '' ? null : name,
    items,
    bytes === null ? null : quantity(sizeText(bytes)),
  ]);
  const kept = left.map(({ kind, name, items, why }) => [kind, name === '' ? null : name, items, why]);
  const title = dryRun ? 'Would be removed' : 'Removed';
  return [
    rows.length === 0 ? `${title}: nothing.\n` : section(title, table(['what', 'of', 'items', 'size'], rows)),
    ...(kept.length === 0 ? [] : [section('Left', table(['what', 'of', 'items', 'why'], kept))]),
    ...(complete ? [] : ['Stopped before the end: run `plumb gc` again to go on.\n']),
  ].join('\n');
}

function parseLimit(text: string): number {
  const limit = /^[1-9]\d{0,11}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(limit)) return limit;
  throw new InvalidArgumentError('expected a whole number from 1 on');
}
