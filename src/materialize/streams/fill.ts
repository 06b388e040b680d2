// What a new generation holds before its log is followed: the entries of all rows of history and lake.
import { rm } from 'node:fs/promises';
import { sourceOf } from '../../catalog/look-up.ts';
import { failpoint } from '../../failpoint.ts';
import type { PartitionState } from '../../ingest/event-log.ts';
import type { Lake, LakePartition } from '../../ingest/lake/lake.ts';
import type { LakeSourceFiles } from '../../ingest/lake/lake-source-files.ts';
import { nowMicros } from '../../instant.ts';
import type { StoredEventEngine, StoredEventRow } from '../../offline/event-engine.ts';
import type { OnlineStore, RowWrite } from '../../online/online-store.ts';
import type { EntityKey } from '../../online/row-selection.ts';
import { fileUri } from '../../storage/location.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { listSource, type SourceFile, type SourceFiles } from '../../storage/source-files.ts';
import { nextTurn } from '../../turns.ts';
import { readState } from '../publish.ts';
import type { ToFill } from './look.ts';

/** From where on the log of a partition is followed. */
export interface Beginning {
  readonly partition: number;
  readonly epoch: string;
  /** Events before it are in the entries. */
  readonly next: bigint;
  /** Of the last of them; null: there is none. */
  readonly appendMicros: bigint | null;
}

/** Fills the entries of a new generation. One for each partition of its source. */
export type Fill = (one: ToFill, signal: AbortSignal) => Promise<readonly Beginning[]>;

export interface FillPorts {
  readonly online: OnlineStore;
  readonly store: ObjectStore;
  readonly lake: Pick<Lake, 'catchUp'>;
  readonly lakeFiles: Pick<LakeSourceFiles, 'filesOf'>;
  readonly sourceFiles: SourceFiles;
  readonly engine: StoredEventEngine;
}

const ENTRIES_PER_WRITE = 1000;
/** Of one key: more are merged in several steps. */
const ROWS_PER_MERGE = 2000;

export const fillFrom =
  (ports: FillPorts): Fill =>
  async (one, signal) => {
    const { lake, store } = ports;
    const stored = await lake.catchUp(one.source);
    const files = await filesOf(ports, one, stored);
    if (files.length > 0) {
      const folder = await store.workFolder();
      try {
        await writeEntries(ports, one, { files, folder, signal, appliedMicros: lastAppendOf(stored) ?? nowMicros() });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
    failpoint('stream.filled');
    return one.partitions.map((partition) => beginningOf(partition, stored));
  };

/** Of the history, and of these parts of the lake. */
export async function filesOf(
  { lakeFiles, sourceFiles }: Pick<FillPorts, 'lakeFiles' | 'sourceFiles'>,
  { catalog, definition }: Pick<ToFill, 'catalog' | 'definition'>,
  stored: readonly LakePartition[],
): Promise<readonly SourceFile[]> {
  const { history } = sourceOf(catalog, definition).stream ?? {};
  const before = history == null ? [] : await listSource(sourceFiles, history.source);
  return [...(await lakeFiles.filesOf(stored)), ...before.map((file) => ({ ...file, isOfHistory: true as const }))];
}

const lastAppendOf = (stored: readonly LakePartition[]): bigint | null =>
  stored
    .flatMap(({ parts }) => parts)
    .reduce<bigint | null>(
      (last, { lastAppendMicros }) => (last === null || lastAppendMicros > last ? lastAppendMicros : last),
      null,
    );

/** A log that was made anew since has events of its own. */
function beginningOf({ partition, epoch, first }: PartitionState, stored: readonly LakePartition[]): Beginning {
  const { end, parts } = stored.find((one) => one.partition === partition) ?? { end: null, parts: [] };
  const appendMicros = parts.at(-1)?.lastAppendMicros ?? null;
  return { partition, epoch, next: end?.epoch === epoch ? end.next : first, appendMicros };
}

interface Stored {
  readonly files: readonly SourceFile[];
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly appliedMicros: bigint;
}

/** A key at a time, in the order in which the engine gives them. */
async function writeEntries(
  { online, engine }: FillPorts,
  { view, stream }: ToFill,
  { files, folder, signal, appliedMicros }: Stored,
): Promise<void> {
  const { target, plan, keys } = stream;
  const { token } = (await readState(online, view)).state;
  let writes: RowWrite[] = [];
  let entity: EntityKey | null = null;
  let [entry, rows]: [Uint8Array | null, StoredEventRow[]] = [null, []];
  const merge = (): void => {
    if (rows.length > 0) entry = target.merge(entry, rows.map(entryRow), appliedMicros);
    rows = [];
  };
  const finish = (): void => {
    merge();
    if (entity !== null) writes.push({ entity, row: entry });
    entry = null;
  };
  const write = async (): Promise<void> => {
    signal.throwIfAborted();
    await online.writeRows(target.field, token, writes);
    writes = [];
    await nextTurn();
  };
  for await (const batch of engine.rowsByKey({ plan, files, folder: fileUri(folder), signal })) {
    for (const row of batch) {
      const own = keys.encode(row.keys);
      if (entity === null || Buffer.compare(own, entity) !== 0) {
        finish();
        entity = own;
      }
      if (rows.push(row) >= ROWS_PER_MERGE) merge();
    }
    if (writes.length >= ENTRIES_PER_WRITE) await write();
  }
  finish();
  if (writes.length > 0) await write();
}

const entryRow = ({ eventMicros, createdMicros, position, failed, cells }: StoredEventRow) => ({
  ...{ eventMicros, createdMicros, position, failed, cells, by: null },
});
