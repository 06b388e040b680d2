// plumb gc: removes what nobody needs any more.
import type { Config } from '../../config/config.ts';
import type { GcReport, GcRequest } from '../../retention/collector.ts';
import type { Register } from '../command.ts';
import { parseMillis } from '../duration-option.ts';
import type { Invocation } from '../invocation.ts';
import { ANY, wholeNumber } from '../number-option.ts';
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
    .option(
      '--limit <n>',
      'stop once about so many rows and objects are removed; the next one goes on',
      wholeNumber(1, ANY),
    )
    .option('--max-time <duration>', 'stop after a time such as 10m; the next one goes on', parseMillis)
    .action(
      run(async (invocation, options: Options) => {
        const config = await invocation.config();
        using _interruptible = invocation.interruptible();
        if (options.dryRun !== true) await finishErasures(invocation, config);
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

/** Those that a command or a server left in the middle. */
async function finishErasures(invocation: Invocation, config: Config): Promise<void> {
  const { ErasureRecords } = await import('../../erasure/erasure-records.ts');
  const pending = await (async () => {
    await using store = await invocation.app.openObjectStore(config, invocation.openOptions());
    return await new ErasureRecords(store).pending();
  })();
  if (pending.length === 0) return;
  await using eraser = await invocation.app.openEraser(config, invocation.openOptions());
  using progress = createProgress(invocation.io);
  for (const id of pending) {
    await eraser.finish(id, ({ doing, done, total }) =>
      progress.update({ label: `erasure: ${doing}`, rowsDone: done, rowsTotal: total }),
    );
    invocation.note(`the erasure ${id} was not done: it was finished`);
  }
}

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
