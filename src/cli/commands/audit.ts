// plumb audit list: who changed what, when, and what came of it.
import { type Actor, type Change, type ChangeListing, ChangeLog } from '../../access/change-log.ts';
import { Keys } from '../../access/keys.ts';
import type { Register } from '../command.ts';
import { wholeNumber } from '../number-option.ts';
import { section, table } from '../table.ts';

interface Options {
  readonly limit: number;
  readonly key?: string;
}

const DEFAULT_LIMIT = 50;

export const registerAudit: Register = (program, run) => {
  program
    .command('audit')
    .description('what was changed by whom')
    .command('list')
    .description('list changes, newest first')
    .option('--limit <n>', 'at most so many', wholeNumber(1, 99_999), DEFAULT_LIMIT)
    .option('--key <id>', 'only those by this key')
    .action(
      run(async (invocation, { limit, key }: Options) => {
        const config = await invocation.config();
        await using store = await invocation.app.openObjectStore(config, invocation.openOptions());
        const isWanted = ({ by }: Change): boolean => key === undefined || ('key' in by && by.key === key);
        const listing = await new ChangeLog(store).list(limit, isWanted);
        const { keys } = await new Keys(store).list();
        const names = new Map(keys.map(({ id, name }) => [id, name]));
        invocation.result(listing, () => listText(listing, names));
        return 0;
      }),
    );
};

type Names = ReadonlyMap<string, string | null>;

function listText({ changes, damaged }: ChangeListing, names: Names): string {
  const rows = changes.map(({ at, by, operation, target, outcome }) => [
    ...[at, actorText(by, names), operation, target],
    ...[outcome === null ? 'unknown' : (outcome.failed ?? 'done'), outcome?.made ?? null],
  ]);
  const broken = damaged.map((object) => `Damaged: ${object}`);
  if (rows.length + broken.length === 0) return 'No changes by keys, or of keys, yet.';
  const HEAD = ['at', 'by', 'what', 'of', 'outcome', 'made'];
  return [...(rows.length === 0 ? [] : [section('Changes', table(HEAD, rows))]), ...broken].join('\n');
}

function actorText(by: Actor, names: Names): string {
  if (!('key' in by)) return `${by.user}@${by.host}`;
  const name = names.get(by.key) ?? null;
  return name === null ? by.key : `${by.key} (${name})`;
}
