// plumb apply: checks definitions against the real sources, shows what changes, registers a new version.

import type { Catalog } from '../../catalog/catalog.ts';
import { jsonLine } from '../../json-text.ts';
import { consequencesOf } from '../../materialize/bound/consequences.ts';
import type { ObjectChange, PathChange } from '../../registry/diff.ts';
import type { ApplyReport, Registry } from '../../registry/registry.ts';
import { heldLines } from '../bound-text.ts';
import type { Register } from '../command.ts';
import type { Invocation } from '../invocation.ts';

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
        const { outcome, version, changes, catalog } = report;
        const held = version === 0 ? [] : await heldBy(invocation, registry, catalog);
        const ofBound = held.length === 0 ? {} : { held };
        invocation.result({ outcome, version, changes, ...ofBound }, () =>
          [...changes.flatMap(changeLines), ...heldLines(held), verdict(report)].join('\n'),
        );
        return 0;
      }),
    );
};

/** What the definitions leave to training sets that are bound. */
async function heldBy(invocation: Invocation, registry: Registry, catalog: Catalog) {
  const { app } = invocation;
  const config = await invocation.config();
  await using stack = new AsyncDisposableStack();
  const store = stack.use(await app.openObjectStore(config, invocation.openOptions()));
  const looks = async () => stack.use(await app.openSourceInspector(config, invocation.openOptions()));
  const version = (number: number) => registry.version(number);
  return await consequencesOf({ store, version, looks }, catalog);
}

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
