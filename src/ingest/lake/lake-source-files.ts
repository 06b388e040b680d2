// The parts of a lake as the files of a stream source: `lake://<source>`.
import { LAKE_SCHEME } from '../../catalog/lake-columns.ts';
import { fileUri } from '../../storage/location.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { SourceFile, SourceFiles } from '../../storage/source-files.ts';
import type { Lake, LakePartition } from './lake.ts';

export class LakeSourceFiles implements SourceFiles {
  readonly #lake: Lake;
  readonly #store: ObjectStore;

  constructor(lake: Lake, store: ObjectStore) {
    this.#lake = lake;
    this.#store = store;
  }

  async list(path: string): Promise<readonly SourceFile[]> {
    return await this.filesOf(await this.#lake.catchUp(path.slice(LAKE_SCHEME.length)));
  }

  async filesOf(partitions: readonly LakePartition[]): Promise<readonly SourceFile[]> {
    const files: SourceFile[] = [];
    for (const { key, sizeBytes, sha256 } of partitions.flatMap(({ parts }) => parts))
      files.push({ path: key, uri: fileUri(await this.#store.localPath(key)), sizeBytes, identity: sha256 });
    return files;
  }

  async explainEmpty(path: string): Promise<string> {
    return `no event of ${path.slice(LAKE_SCHEME.length)} was pushed yet`;
  }
}
