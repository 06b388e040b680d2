// plumb forget: takes keys of an entity out of everything that Plumb owns, for good.
import { PlumbError } from '../../../schemas/errors.ts';
import type { ErasureReport } from '../../../schemas/wire-types.ts';
import { ChangeLog } from '../../access/change-log.ts';
import type { Config } from '../../config/config.ts';
import { counted } from '../../counted.ts';
import type { Erasures, ForgetRequest } from '../../erasure/erasure.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../lossless-json.ts';
import type { Register } from '../command.ts';
import type { Invocation } from '../invocation.ts';
import { createProgress } from '../progress.ts';
import { quantity, section, table } from '../table.ts';
import { sizeText } from '../units.ts';
import { whoRuns } from '../who-runs.ts';

interface Options {
  readonly key: readonly string[];
  readonly dryRun?: boolean;
}

export const registerForget: Register = (program, run) => {
  program
    .command('forget <entity>')
    .description(
      'erase keys of an entity: from the online store, runs and training sets, and from all that is computed later',
    )
    .requiredOption('--key <json...>', 'its join keys, such as \'{"user_id": 7}\'; several for several keys')
    .option('--dry-run', 'show what would be removed and remove nothing')
    .action(
      run(async (invocation, entity: string, { key, dryRun = false }: Options) => {
        const request = { entity, keys: key.map(parseKey) };
        const config = await invocation.config();
        using _interruptible = invocation.interruptible();
        await using eraser = await invocation.app.openEraser(config, invocation.openOptions());
        using progress = createProgress(invocation.io);
        const onProgress = ({ doing, done, total }: { doing: string; done: number; total: number | null }): void =>
          progress.update({ label: doing, rowsDone: done, rowsTotal: total });
        const report = dryRun
          ? await eraser.preview(request, onProgress)
          : await eraser.finish(await recorded(invocation, config, { eraser, request }), onProgress);
        progress[Symbol.dispose]();
        invocation.result(report, () => reportText(report));
        return 0;
      }),
    );
};

/** Who erased is written down beside who else changed what; the keys are not. */
async function recorded(
  invocation: Invocation,
  config: Config,
  { eraser, request }: { readonly eraser: Erasures; readonly request: ForgetRequest },
): Promise<string> {
  await using store = await invocation.app.openObjectStore(config, invocation.openOptions());
  const about = { by: whoRuns(), operation: 'forget', target: request.entity, requestId: null };
  const change = await new ChangeLog(store).begin(about);
  try {
    const { id } = await eraser.record(request);
    await change.end({ failed: null, made: id });
    return id;
  } catch (error) {
    await change.drop();
    throw error;
  }
}

/** The key itself is not repeated: messages may be kept. */
function parseKey(text: string, index: number): JsonObject {
  const expected = 'an object such as {"user_id": 7}';
  let key: ReturnType<typeof parseJson>;
  try {
    key = parseJson(text, '--key');
  } catch {
    throw new PlumbError('INVALID_REQUEST', `--key, number ${index + 1}: found what is no JSON, expected ${expected}`);
  }
  if (isJsonObject(key)) return key;
  throw new PlumbError('INVALID_REQUEST', `--key, number ${index + 1}: found no object, expected ${expected}`);
}

const reportText = (report: ErasureReport): string =>
  [headText(report), removedText(report), heldText(report.sources), leftText(report.left)]
    .filter((text) => text !== null)
    .join('\n');

const headText = ({ dryRun, id, keys, entity, before }: ErasureReport): string =>
  dryRun
    ? `${counted(keys, 'key')} of entity ${entity}: nothing was changed.\n`
    : `Erasure ${id}: rows of ${counted(keys, 'key')} of entity ${entity} stamped before ${before} count nowhere any more.\n`;

function removedText({ dryRun, views, datasets, reports }: ErasureReport): string {
  const title = dryRun ? 'Would be removed' : 'Removed';
  const sizeOf = (bytes: number) => quantity(sizeText(bytes));
  const rows = [
    ...views.map((one) => ['view', one.view, one.online, one.rows, one.parts, sizeOf(one.bytes)]),
    ...datasets.map((one) => [
      ...['training set', `${one.name}@${one.version}`, null],
      ...[one.rows, one.parts, sizeOf(one.bytes)],
    ]),
    ...(reports.examples === 0 ? [] : [['reports of verifications', null, null, reports.examples, null, null]]),
  ];
  if (rows.length === 0) return `${title}: nothing.\n`;
  return section(title, table(['what', 'of', 'online', 'rows', 'parts', 'size before'], rows));
}

function heldText(sources: ErasureReport['sources']): string | null {
  if (sources.length === 0) return null;
  const rows = sources.map(({ source, rows: found, files, why }) => [
    source,
    found,
    why ??
      files
        .map(({ path }) => path)
        .slice(0, MOST_PATHS)
        .join(', '),
  ]);
  return section('Held by sources, which are yours', table(['source', 'rows', 'where'], rows));
}

const leftText = (left: ErasureReport['left']): string =>
  section(
    'Not looked into',
    table(
      ['what', 'why'],
      left.map(({ what, why }) => [what, why]),
    ),
  );

const MOST_PATHS = 5;
