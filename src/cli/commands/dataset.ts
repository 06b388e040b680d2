// plumb dataset create | list | show: training sets.
import type { Command } from 'commander';
import { PlumbError } from '../../../schemas/errors.ts';
import type { Register, Run } from '../command.ts';
import { manifestText } from '../dataset-text.ts';
import { table } from '../table.ts';
import { registerCreate } from './dataset-create.ts';

export const registerDataset: Register = (program, run) => {
  const dataset = program.command('dataset').description('training sets');
  registerCreate(dataset, run);
  registerDatasetList(dataset, run);
  registerShow(dataset, run);
  registerKeep(dataset, run);
};

function registerDatasetList(dataset: Command, run: Run): void {
  dataset
    .command('list')
    .description('list datasets, the newest version of each')
    .action(
      run(async (invocation) => {
        const config = await invocation.config();
        await using datasets = await invocation.app.openDatasets(config, invocation.openOptions());
        const { datasets: manifests, damaged } = await datasets.list();
        const rows = manifests.map(({ name, version, service, rows, createdAt }) => [
          name,
          version,
          service,
          rows,
          createdAt,
        ]);
        invocation.result({ datasets: manifests, damaged }, () =>
          rows.length + damaged.length === 0
            ? NO_DATASETS
            : [
                ...(rows.length === 0 ? [] : [table(['name', 'version', 'service', 'rows', 'created'], rows)]),
                ...damaged.map(({ name, version, message }) => `Damaged: ${name}@${version}: ${message}`),
              ].join('\n'),
        );
        return 0;
      }),
    );
}

const NO_DATASETS = 'No training sets yet: make one with `plumb dataset create`.';

function registerShow(dataset: Command, run: Run): void {
  dataset
    .command('show')
    .description('show one dataset')
    .argument('<name[@version]>', 'its name, and the version (default: the newest)')
    .action(
      run(async (invocation, reference: string) => {
        const { name, version } = parseReference(reference);
        const config = await invocation.config();
        await using datasets = await invocation.app.openDatasets(config, invocation.openOptions());
        const manifest = await datasets.show(name, version);
        invocation.result(manifest, () => manifestText(manifest));
        return 0;
      }),
    );
}

function registerKeep(dataset: Command, run: Run): void {
  dataset
    .command('keep')
    .description('keep a dataset, whatever the retention is')
    .argument('<name[@version]>', 'its name, and the version (default: the newest)')
    .option('--release', 'leave it to the retention again')
    .action(
      run(async (invocation, reference: string, { release = false }: { readonly release?: boolean }) => {
        const { name, version } = parseReference(reference);
        const config = await invocation.config();
        await using datasets = await invocation.app.openDatasets(config, invocation.openOptions());
        const { version: found } = await datasets.keep(name, version, !release);
        const text = release ? `${name}@${found} is left to the retention.` : `${name}@${found} is kept.`;
        invocation.result({ name, version: found, kept: !release }, () => text);
        return 0;
      }),
    );
}

function parseReference(reference: string): { readonly name: string; readonly version: number | null } {
  const match = /^([^@]+)(?:@(?:latest|([1-9]\d{0,8})))?$/.exec(reference);
  if (match?.[1] !== undefined) return { name: match[1], version: match[2] === undefined ? null : Number(match[2]) };
  throw new PlumbError(
    'INVALID_REQUEST',
    `found "${reference}", expected NAME, NAME@VERSION such as training@3, or NAME@latest`,
  );
}
