// plumb run list | show: what runs of views did, or are doing.
import { type Command, Option } from 'commander';
import { RUN_STATES, type RunState, type Run as WireRun } from '../../../schemas/wire-types.ts';
import type { RunsFound } from '../../materialize/run-records.ts';
import type { Register, Run } from '../command.ts';
import { wholeNumber } from '../number-option.ts';
import { runDetailsText, runListText } from '../run-text.ts';

interface ListOptions {
  readonly view?: string;
  readonly state?: RunState;
  readonly limit: number;
}

const LIMIT = 20;
const MOST = 1000;

export const registerRun: Register = (program, run) => {
  const runs = program.command('run').description('runs of feature views');
  registerRunList(runs, run);
  registerRunShow(runs, run);
};

function registerRunList(runs: Command, run: Run): void {
  runs
    .command('list')
    .description('list runs, the newest first, by whichever process')
    .option('--view <view>', 'only runs of this feature view')
    .addOption(new Option('--state <state>', 'only runs in this state').choices(RUN_STATES))
    .addOption(new Option('--limit <number>', 'at most so many').default(LIMIT).argParser(wholeNumber(1, MOST)))
    .action(
      run(async (invocation, { view, state, limit }: ListOptions) => {
        const config = await invocation.config();
        await using records = await invocation.app.openRuns(config, invocation.openOptions());
        const found: WireRun[] = [];
        let after: string | null = null;
        do {
          const page: RunsFound = await records.page({
            view: view ?? null,
            state: state ?? null,
            limit: limit - found.length,
            after,
          });
          found.push(...page.runs);
          after = page.next;
        } while (after !== null && found.length < limit);
        const isMore = after !== null;
        const isFiltered = view !== undefined || state !== undefined;
        invocation.result({ runs: found, more: isMore }, () => runListText(found, { isFiltered, isMore }));
        return 0;
      }),
    );
}

function registerRunShow(runs: Command, run: Run): void {
  runs
    .command('show')
    .description('show one run: its phases, rows and log')
    .argument('<id>', 'as `run list` shows it')
    .action(
      run(async (invocation, id: string) => {
        const config = await invocation.config();
        await using records = await invocation.app.openRuns(config, invocation.openOptions());
        const details = await records.show(id);
        invocation.result(details, () => runDetailsText(details));
        return 0;
      }),
    );
}
