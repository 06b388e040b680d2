// The edge of this engine: locations come in as URIs and go on as paths, here and nowhere else. It reads files of this
// machine; who has them elsewhere makes copies first (src/storage/s3/staging-cache.ts).
import { filePath } from '../../storage/location.ts';
import type { SourceFile } from '../../storage/source-files.ts';
import type { EntriesJob, KeysJob, LabelFiles, MaterializationJob, RunJob, TrainingSetJob } from '../compute.ts';

export interface LocalFile extends Omit<SourceFile, 'uri'> {
  readonly localPath: string;
}

export interface LocalLabels extends Omit<LabelFiles, 'uris'> {
  readonly paths: readonly string[];
}

export interface LocalTrainingSetJob extends Omit<TrainingSetJob, 'labels' | 'sources' | 'folder'> {
  readonly labels: LocalLabels;
  readonly sources: LocalFilesByScan;
  readonly folder: string;
}

export interface LocalKeysJob extends Omit<KeysJob, 'files' | 'folder'> {
  readonly files: readonly LocalFile[];
  readonly folder: string;
}

/** What runs of all kinds have. */
export interface LocalRunJob extends Omit<RunJob, 'files' | 'previousParts' | 'folder'> {
  readonly files: readonly LocalFile[];
  readonly previousParts: readonly string[];
  readonly folder: string;
}

export interface LocalMaterializationJob extends LocalRunJob, Pick<MaterializationJob, 'plan'> {}

export interface LocalEntriesJob extends LocalRunJob, Pick<EntriesJob, 'plan' | 'make'> {}

export type LocalFilesByScan = ReadonlyMap<string, readonly LocalFile[]>;

export const localFile = ({ uri, ...file }: SourceFile): LocalFile => ({ ...file, localPath: filePath(uri) });

export const localPaths = (files: readonly LocalFile[]): readonly string[] => files.map(({ localPath }) => localPath);

export function localTrainingSetJob(job: TrainingSetJob): LocalTrainingSetJob {
  const { uris, ...labels } = job.labels;
  return {
    ...job,
    labels: { ...labels, paths: uris.map(filePath) },
    formerParts: job.formerParts?.map(filePath),
    sources: new Map([...job.sources].map(([scan, files]) => [scan, files.map(localFile)])),
    folder: filePath(job.folder),
  };
}

export const localKeysJob = (job: KeysJob): LocalKeysJob => ({
  ...job,
  files: job.files.map(localFile),
  folder: filePath(job.folder),
});

export const localRunJob = <J extends RunJob>(job: J): Omit<J, keyof LocalRunJob> & LocalRunJob => ({
  ...job,
  files: job.files.map(localFile),
  previousParts: job.previousParts.map(filePath),
  folder: filePath(job.folder),
});
