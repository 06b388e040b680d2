// plumb backup create, restore: a project's storage and what is online, in another place and back.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { BackupProgress, BackupReport, Backups, RestoreReport } from '../../backup/backup.ts';
import { counted } from '../../counted.ts';
import type { Register, Run } from '../command.ts';
import type { Invocation } from '../invocation.ts';
import { ANY, wholeNumber } from '../number-option.ts';
import { createProgress } from '../progress.ts';
import { section, table } from '../table.ts';
import { sizeText } from '../units.ts';

export const registerBackup: Register = (program, run) => {
  const backup = program.command('backup').description('keep what cannot be computed again in another place');
  registerCreate(backup, run);
  registerRestore(backup, run);
};

const PLACE = 'a folder, or s3://bucket/prefix';

function registerCreate(backup: Command, run: Run): void {
  backup
    .command('create')
    .description('back up what is new since the last backup there; jobs and lookups go on')
    .argument('<place>', PLACE)
    .option('--without-dataset-parts', 'of training sets, keep manifests and marks only')
    .option(
      '--keep <n>',
      'then remove all backups there but so many of the newest (default: none)',
      wholeNumber(1, ANY),
    )
    .action(
      run((invocation, place: string, { withoutDatasetParts, keep = null }: CreateOptions) =>
        withBackups(invocation, place, async (backups, onProgress) => {
          const request = { withDatasetParts: withoutDatasetParts !== true, keep };
          const report = await backups.create(request, onProgress);
          return { report, text: () => createdText(report), isWhole: report.damaged.length === 0 };
        }),
      ),
    );
}

interface CreateOptions {
  readonly withoutDatasetParts?: boolean;
  /** null: all. */
  readonly keep?: number | null;
}

interface RestoreOptions {
  /** null: the newest. */
  readonly number?: number | null;
  readonly dryRun?: boolean;
}

function registerRestore(backup: Command, run: Run): void {
  backup
    .command('restore')
    .description('verify a backup, put it into an empty storage and its rows online')
    .argument('<place>', PLACE)
    .option('--number <n>', 'that backup (default: the newest)', wholeNumber(1, ANY))
    .option('--dry-run', 'verify it, show what would be restored and restore nothing')
    .action(
      run((invocation, place: string, { number = null, dryRun = false }: RestoreOptions) =>
        withBackups(invocation, place, async (backups, onProgress) => {
          const report = await backups.restore({ number, dryRun }, onProgress);
          const isWhole = report.online.every(({ outcome }) => outcome !== 'failed');
          return { report, text: () => restoredText(report), isWhole };
        }),
      ),
    );
}

interface Done {
  readonly report: BackupReport | RestoreReport;
  readonly text: () => string;
  readonly isWhole: boolean;
}

async function withBackups(
  invocation: Invocation,
  place: string,
  act: (backups: Backups, onProgress: (progress: BackupProgress) => void) => Promise<Done>,
): Promise<number> {
  const { app, io } = invocation;
  const config = await invocation.config();
  using _interruptible = invocation.interruptible();
  const address = place.startsWith('s3://') ? place.replace(/\/+$/, '') : resolve(io.cwd, place);
  await using backups = await app.openBackups(config, { ...invocation.openOptions(), place: address });
  using progress = createProgress(io);
  const done = await act(backups, (step) =>
    progress.update({ label: step.doing, rowsDone: step.done, rowsTotal: step.total, unit: step.unit }),
  );
  progress[Symbol.dispose]();
  invocation.result(done.report, done.text);
  return done.isWhole ? 0 : 1;
}

const nameOf = (view: string, isFormer = false): string => (isFormer ? `${view} (a former definition)` : view);

function createdText({ number, objects, bytes, copied, online, damaged, unknown, removed }: BackupReport): string {
  const views = online.map(({ view, isFormer, run, watermark }) => [nameOf(view, isFormer), run, watermark]);
  return [
    `Backup ${number}: ${counted(objects, 'object')}, ${sizeText(bytes)}; ${counted(copied.objects, 'object')} of them, ${sizeText(copied.bytes)}, were new there.\n`,
    ...(views.length === 0 ? [] : [section('Online', table(['view', 'run', 'watermark'], views))]),
    ...(removed.backups + removed.objects === 0
      ? []
      : [
          `Removed: ${counted(removed.backups, 'older backup')}, ${counted(removed.objects, 'object')}, ${sizeText(removed.bytes)}\n`,
        ]),
    ...damaged.map((message) => `Damaged, not in the backup: ${message}\n`),
    ...unknown.map((folder) => `Left out: ${folder} in the storage is not of Plumb\n`),
  ].join('\n');
}

function restoredText({ dryRun, number, createdAt, objects, restored, online, erasures }: RestoreReport): string {
  const views = online.map(({ view, isFormer, outcome, run, watermark, rows, notice }) => [
    nameOf(view, isFormer),
    outcome.replace('_', ' '),
    run,
    watermark,
    rows,
    notice,
  ]);
  const would = (count: number): string => (dryRun ? 'would be' : count === 1 ? 'was' : 'were');
  return [
    `Backup ${number} of ${createdAt} is whole: ${counted(objects, 'object')}; ${counted(restored.objects, 'object')}, ${sizeText(restored.bytes)}, ${would(restored.objects)} restored.\n`,
    ...(views.length === 0
      ? []
      : [section('Online', table(['view', 'outcome', 'run', 'watermark', 'rows', 'notice'], views))]),
    ...(erasures.length === 0
      ? []
      : [
          `${counted(erasures.length, 'erasure')} ${would(erasures.length)} done once more: the backup may hold their keys.\n`,
        ]),
  ].join('\n');
}
