// plumb dataset create: the features of a service, joined to a file of labels or to the keys of a view.
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { PlumbError } from '../../../schemas/errors.ts';
import type { TimestampUnit } from '../../catalog/catalog.ts';
import { parseVersioned, type Versioned } from '../../catalog/versioned.ts';
import { nowMicros, requireInstantOrNow } from '../../instant.ts';
import type { DatasetRequest } from '../../offline/dataset.ts';
import { keysOf } from '../../offline/keys-of.ts';
import { reuseLines } from '../../offline/reuse.ts';
import { quote } from '../../quote.ts';
import type { Run } from '../command.ts';
import { createdText, explanationText, immatureLines } from '../dataset-text.ts';
import { createProgress } from '../progress.ts';

interface CreateOptions {
  readonly service: string;
  readonly labels?: string;
  readonly keysOf?: string;
  readonly at?: string;
  readonly from?: string;
  readonly to?: string;
  readonly every?: string;
  readonly timestampColumn: string;
  readonly timestampUnit?: TimestampUnit;
  readonly name?: string;
  readonly out?: string;
  readonly explain?: boolean;
  readonly draft?: boolean;
  readonly strict?: boolean;
  readonly reuse?: string;
}

export function registerCreate(dataset: Command, run: Run): void {
  const command = dataset
    .command('create')
    .description('join the features of a service to labels, as they were at each label')
    .requiredOption('--service <service>', 'the feature service');
  labelOptions(command)
    .option('--name <name>', 'the name of the dataset (default: the service)')
    .option('--out <file>', 'also write one file: .parquet, .csv, .jsonl or .arrow')
    .option('--strict', 'make nothing where the training set seems to hold its own target (default: warn)')
    .option('--reuse <name@version>', 'take the features that mean the same from this training set of the same labels')
    .option('--draft', 'take the definitions from files, as they are now, and register nothing')
    .option('--explain', 'print plan, strategy and SQL, and compute nothing')
    .action(
      run(async (invocation, options: CreateOptions) => {
        const request = datasetRequest(options, invocation.io.cwd);
        const config = await invocation.config();
        using _interruptible = invocation.interruptible();
        await using datasets = await invocation.app.openDatasets(
          config,
          invocation.draftOptions(options.draft === true),
        );
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
        for (const line of [...reuseLines(manifest), ...immatureLines(manifest)]) invocation.note(line);
        invocation.result(manifest, () => createdText(manifest, request.outPath));
        return 0;
      }),
    );
}

const labelOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--labels <file>', 'the labels: .parquet, .csv, .jsonl or .arrow; text also as .gz or .zst').conflicts(
        ['keysOf', ...WHEN],
      ),
    )
    .option('--keys-of <view>', 'in place of labels: every key that this view has at the instants')
    .option('--at <instant>', 'with --keys-of: the instant, or now')
    .option('--from <instant>', 'with --keys-of: the first instant of several')
    .option('--to <instant>', 'with --from: the instant that ends them, not included')
    .option('--every <duration>', 'with --from: the distance between them, such as 1d')
    .option('--timestamp-column <column>', 'the column of the labels that says when', 'event_timestamp')
    .addOption(
      new Option('--timestamp-unit <unit>', 'the unit of a timestamp column of numbers')
        .choices(['s', 'ms', 'us'])
        .conflicts('keysOf'),
    );

const WHEN = ['at', 'from', 'to', 'every'];

function datasetRequest(options: CreateOptions, cwd: string): DatasetRequest {
  return {
    service: options.service,
    labels: labelsOf(options, cwd),
    timestampColumn: options.timestampColumn,
    name: options.name ?? null,
    outPath: options.out === undefined ? null : resolve(cwd, options.out),
    ...(options.strict === true ? { isStrict: true } : {}),
    ...(options.reuse === undefined ? {} : { reuse: reuseOf(options.reuse) }),
  };
}

function reuseOf(text: string): Versioned {
  const found = parseVersioned(text);
  if (found !== null) return found;
  throw new PlumbError('INVALID_REQUEST', `--reuse: found ${quote(text)}, expected NAME@VERSION such as training@3`);
}

function labelsOf(
  { labels, keysOf: view, timestampUnit, ...when }: CreateOptions,
  cwd: string,
): DatasetRequest['labels'] {
  if (labels !== undefined) return { kind: 'file', path: resolve(cwd, labels), timestampUnit: timestampUnit ?? null };
  if (view === undefined)
    throw new PlumbError('INVALID_REQUEST', 'found neither --labels nor --keys-of, expected one of the two');
  const now = nowMicros();
  const instant = (text: string, path: string): bigint => requireInstantOrNow(text, path, now);
  return keysOf({ view, ...when }, { at: '--at', from: '--from', to: '--to', every: '--every' }, instant);
}
