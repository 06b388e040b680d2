// plumb dataset create | list | show: training sets.
import type { Command } from 'commander';
import type { Register, Run } from '../command.ts';
import { parseReference } from '../dataset-reference.ts';
import { manifestText } from '../dataset-text.ts';
import { table } from '../table.ts';
import { registerBind, registerRetire } from './dataset-bind.ts';
import { registerCreate } from './dataset-create.ts';

export const registerDataset: Register = (program, run) => {
  const dataset = program.command('dataset').description('training sets');
  registerCreate(dataset, run);
  registerDatasetList(dataset, run);
  registerShow(dataset, run);
  registerKeep(dataset, run);
  registerBind(dataset, run);
  registerRetire(dataset, run);
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
        const bound = await datasets.bound();
        const rows = manifests.map(({ name, version, service, rows, createdAt }) => [
          name,
          version,
          service,
          rows,
          createdAt,
          versionsOf(name, bound),
        ]);
        invocation.result({ datasets: manifests, damaged, bound }, () =>
          rows.length + damaged.length === 0
            ? NO_DATASETS
            : [
                ...(rows.length === 0 ? [] : [table(['name', 'version', 'service', 'rows', 'created', 'bound'], rows)]),
                ...damaged.map(({ name, version, message }) => `Damaged: ${name}@${version}: ${message}`),
              ].join('\n'),
        );
        return 0;
      }),
    );
}

/** Of what is bound, also older versions: `12, 9`. */
const versionsOf = (name: string, bound: readonly string[]): string | null =>
  bound.flatMap((set) => (set.startsWith(`${name}@`) ? [set.slice(name.length + 1)] : [])).join(', ') || null;

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
        const bound = (await datasets.bound()).includes(`${manifest.name}@${manifest.version}`);
        invocation.result({ ...manifest, bound }, () => manifestText(manifest, bound));
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
