// The file that a training set is also written into (`--out`): whole or not at all, and never over what was read.
import { copyFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { PlumbError } from '../../schemas/errors.ts';
import { oneOf } from '../nearest.ts';
import { filePath, fileUri } from '../storage/location.ts';
import type { ArrowConversion } from './arrow-conversion.ts';
import type { FilesByScan, TrainingSetOutcome } from './compute.ts';
import type { DatasetRequest } from './dataset.ts';
import type { PartExport } from './part-files.ts';

const OUT_ENDINGS = ['.parquet', '.jsonl', '.csv', '.arrow'];

/** Refused before anything is computed. */
export async function requireOutFolder(outPath: string | null): Promise<void> {
  if (outPath === null) return;
  if (!OUT_ENDINGS.includes(extname(outPath)))
    throw new PlumbError('INVALID_REQUEST', `--out ${outPath}: expected a file ending in ${oneOf(OUT_ENDINGS)}`);
  const folder = await stat(dirname(outPath)).catch(() => null);
  if (folder === null || !folder.isDirectory())
    throw new PlumbError('INVALID_REQUEST', `--out ${outPath}: its folder does not exist`);
}

/** Labels and sources are never overwritten. */
export async function refuseInputAsOutput({ outPath, labels }: DatasetRequest, sources: FilesByScan): Promise<void> {
  const real = outPath === null ? null : await realpath(outPath).catch(() => null);
  if (real === null) return;
  const read = labels.kind === 'file' ? [fileUri(await realpath(labels.path))] : [];
  const inputs = [...read, ...[...sources.values()].flat().map(({ uri }) => uri)];
  if (!inputs.includes(fileUri(real))) return;
  throw new PlumbError(
    'INVALID_REQUEST',
    `--out ${outPath}: that file is read for this training set; choose another one`,
  );
}

export interface OutputPorts {
  readonly engine: PartExport;
  readonly arrow: ArrowConversion;
  readonly signal: AbortSignal;
  readonly metadata: Readonly<Record<string, string>>;
}

/** In the folder, to be placed once the set is stored. */
export async function exportFile(
  { engine, arrow, signal, metadata }: OutputPorts,
  outPath: string,
  outcome: TrainingSetOutcome,
  folder: string,
): Promise<string> {
  const target = join(folder, `out${extname(outPath)}`);
  const parts = outcome.parts.map(({ uri }) => uri);
  if (target.endsWith('.arrow')) await arrow.fromParquet(parts.map(filePath), target);
  else await engine.exportParts(parts, fileUri(target), { folder: fileUri(folder), signal, metadata });
  return target;
}

/** Whole or not at all: copied beside its place, then renamed. */
export async function place(file: string, outPath: string): Promise<void> {
  const beside = `${outPath}.${process.pid}.tmp`;
  try {
    await copyFile(file, beside);
    await rename(beside, outPath);
  } catch (cause) {
    await rm(beside, { force: true });
    const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new PlumbError(
      full ? 'RESOURCE_EXHAUSTED' : 'STORAGE_UNAVAILABLE',
      `the training set is stored, but ${outPath} could not be written: ${(cause as Error).message}`,
      { cause },
    );
  }
}
