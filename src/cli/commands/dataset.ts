// plumb dataset create | list | show: training sets.
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { PlumbError } from '../../../schemas/errors.ts';
import type { TimestampUnit } from '../../catalog/catalog.ts';
import type { DatasetRequest } from '../../offline/dataset.ts';
import type { Register, Run } from '../command.ts';
import { createdText, explanationText, manifestText } from '../dataset-text.ts';
import { createProgress } from '../progress.ts';
import { table } from '../table.ts';

interface CreateOptions {
  readonly service: string;
  readonly labels: string;
  readonly timestampColumn: string;
  readonly timestampUnit?: TimestampUnit;
  readonly name?: string;
  readonly out?: string;
  readonly explain?: boolean;
  readonly strict?: boolean;
}

export const registerDataset: Register = (program, run) => {
  const dataset = program.command('dataset').description('training sets');
  registerCreate(dataset, run);
  registerDatasetList(dataset, run);
  registerShow(dataset, run);
  registerKeep(dataset, run);
};

function registerCreate(dataset: Command, run: Run): void {
  dataset
    .command('create')
    .description('join the features of a service to labels, as they were at each label')
    .requiredOption('--service <service>', 'the feature service')
    .requiredOption('--labels <file>', 'the labels: .parquet, .csv, .jsonl or .arrow; text also as .gz or .zst')
    .option('--timestamp-column <column>', 'the column of the labels that says when', 'event_timestamp')
    .addOption(
      new Option('--timestamp-unit <unit>', 'the unit of a timestamp column of numbers').choices(['s', 'ms', 'us']),
    )
    .option('--name <name>', 'the name of the dataset (default: the service)')
    .option('--out <file>', 'also write one file: .parquet, .csv, .jsonl or .arrow')
    .option('--strict', 'make nothing where the training set seems to hold its own target (default: warn)')
    .option('--explain', 'print plan, strategy and SQL, and compute nothing')
    .action(
      run(async (invocation, options: CreateOptions) => {
        const request = datasetRequest(options, invocation.io.cwd);
        const config = await invocation.config();
        using _interruptible = invocation.interruptible();
        await using datasets = await invocation.app.openDatasets(config, invocation.openOptions());
        if (options.explain === true) {
          const explanation = await datasets.explain(request);
          invocation.result(explanation, () => explanationText(explanation));
          return 0;
        }
        using progress = createProgress(invocation.io);
        const manifest = await datasets.create(request, ({ phase, ...rows }) =>
          progress.update({ label: phase.replaceAll('_', ' '), ...rows }),
        );
        progress[Symbol.dispose]();
        for (const warning of manifest.warnings ?? []) invocation.note(`warning: ${warning}`);
        invocation.result(manifest, () => createdText(manifest, request.outPath));
        return 0;
      }),
    );
}

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

function datasetRequest(options: CreateOptions, cwd: string): DatasetRequest {
  return {
    service: options.service,
    labelsPath: resolve(cwd, options.labels),
    timestampColumn: options.timestampColumn,
    timestampUnit: options.timestampUnit ?? null,
    name: options.name ?? null,
    outPath: options.out === undefined ? null : resolve(cwd, options.out),
    ...(options.strict === true ? { isStrict: true } : {}),
  };
}

function parseReference(reference: string): { readonly name: string; readonly version: number | null } {
  const match = /^([^@]+)(?:@(?:latest|([1-9]\d{0,8})))?$/.exec(reference);
  if (match?.[1] !== undefined) return { name: match[1], version: match[2] === undefined ? null : Number(match[2]) };
  throw new PlumbError(
    'INVALID_REQUEST',
    `found "${reference}", expected NAME, NAME@VERSION such as training@3, or NAME@latest`,
  );
}
