// plumb apply: checks definitions against the real sources, shows what changes, registers a new version.

import { jsonLine } from '../../json-text.ts';
import type { ObjectChange, PathChange } from '../../registry/diff.ts';
import type { ApplyReport } from '../../registry/registry.ts';
import type { Register } from '../command.ts';

const SIGNS: Readonly<Record<ObjectChange['change'], string>> = { added: '+', changed: '~', removed: '-' };

export const registerApply: Register = (program, run) => {
  program
    .command('apply')
    .description('validate the definitions against the real sources and register a new version')
    .option('--dry-run', 'show what would change and register nothing')
    .action(
      run(async (invocation, { dryRun = false }: { dryRun?: boolean }) => {
        const config = await invocation.config();
        await using registry = await invocation.app.openRegistry(config, {
          ...invocation.openOptions(),
          makes: 'storage',
        });
        const report = await registry.apply({ dryRun });
        const { outcome, version, changes } = report;
        invocation.result({ outcome, version, changes }, () =>
          [...changes.flatMap(changeLines), verdict(report)].join('\n'),
        );
        return 0;
      }),
    );
};

const changeLines = ({ kind, name, change, paths, isRebuilt }: ObjectChange): readonly string[] => [
  `${SIGNS[change]} ${kind} ${name}${isRebuilt ? ' (its values change: the next materialization rebuilds it)' : ''}`,
  ...paths.map(pathLine),
];

const pathLine = ({ path, before, after }: PathChange): string =>
  `    ${path}: ${before === null ? 'nothing' : jsonLine(before)} → ${after === null ? 'nothing' : jsonLine(after)}`;

function verdict({ outcome, version }: ApplyReport): string {
  if (outcome === 'unchanged') return `No changes; version ${version} stays.`;
  return outcome === 'dry_run'
    ? `Nothing was registered; this would be version ${version + 1}.`
    : `Registered version ${version}.`;
}
