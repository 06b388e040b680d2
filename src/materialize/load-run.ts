// The rows of one run on their way from its Parquet parts into the online store. While the store writes a batch, the next
// one is read and encoded: both take about as long.
//
//   parts ─▶ StoredRows (2,048 at a time) ─▶ encode ─▶ batch ─▶ store

import { throwIfCancelled } from '../cancelled.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import { failpoint } from '../failpoint.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import type { StoredColumns, StoredRows } from '../offline/part-files.ts';
import type { FieldName, RowWrite } from '../online/online-store.ts';
import { compileRowWriter } from '../online/row-writer.ts';
import type { LiveGeneration } from '../online/serving-state.ts';
import { nextTurn } from '../turns.ts';
import { erasedFilter } from './erased-filter.ts';
import type { PublishPorts } from './run-ports.ts';
import { WriteBehind } from './write-behind.ts';

export interface RowTarget {
  readonly view: FeatureView;
  readonly target: LiveGeneration;
  readonly field: FieldName;
  readonly token: bigint;
  /** Rows of this run that are written. */
  readonly onRows: (rowsDone: number) => void;
}

/** Large, so that a store that commits each batch does so less often; rows of long vectors fill one by their bytes. */
const BATCH_ROWS = 16_384;
const BATCH_BYTES = 2 ** 25;

/** The rows, then the tombstones of the keys that are gone. Returns how many; all are written when it resolves. */
export async function loadRun(ports: PublishPorts, to: RowTarget, manifest: RunManifest): Promise<number> {
  const { engine, history, signal, online, graceMicros } = ports;
  const encode = compileRowWriter(to.target, graceMicros);
  const withoutErased = erasedFilter(ports.catalog, to.view, manifest);
  await using batches = new WriteBehind<RowWrite>({
    size: BATCH_ROWS,
    sizeBytes: BATCH_BYTES,
    sizeBytesOf: ({ entity, row }) => entity.length + (row?.length ?? 0),
    write: async (writes) => {
      // A cancellation that came while rows were encoded takes effect before the write.
      await nextTurn();
      throwIfCancelled(signal);
      await online.writeRows(to.field, to.token, writes);
    },
    onWritten: (rowsDone) => {
      to.onRows(rowsDone);
      failpoint('materialize.batch_written');
    },
  });
  const load = async (parts: RunManifest['parts'], held: HeldColumns, isGone: boolean) => {
    const columns = { keys: manifest.keyColumns, ...held };
    for await (const stored of engine.readParts(await history.partUris(manifest, parts), columns, signal)) {
      await batches.add(encode(toRowBatch(isGone ? stored : withoutErased(stored), to.target, isGone)));
    }
    await batches.finish();
  };
  await load(manifest.parts, heldColumns(to.view, manifest), false);
  await load(manifest.tombstoneParts, NO_COLUMNS, true);
  return batches.written;
}

type HeldColumns = Omit<StoredColumns, 'keys'>;

const NO_COLUMNS: HeldColumns = { features: [] };

function heldColumns(view: FeatureView, { records, features }: RunManifest): HeldColumns {
  if (records === 'entries') return { features: [], hasEntries: true };
  return { features, isDeleting: view.kind === 'row' && view.deletedWhen !== undefined };
}

function toRowBatch(stored: StoredRows, target: LiveGeneration, isGone: boolean) {
  const anyInvalid = stored.invalid.some((names) => names !== null);
  return {
    rowCount: stored.rowCount,
    keys: stored.keys,
    eventMicros: stored.eventMicros,
    createdMicros: stored.createdMicros,
    values: stored.values,
    ...(stored.entries === undefined ? {} : { entries: stored.entries }),
    invalid: target.features.map(({ name }) =>
      anyInvalid ? stored.invalid.map((names) => names?.includes(name) ?? false) : null,
    ),
    ...(stored.deleted === undefined ? {} : { deleted: stored.deleted }),
    tombstone: isGone ? new Array<boolean>(stored.rowCount).fill(true) : null,
  };
}
