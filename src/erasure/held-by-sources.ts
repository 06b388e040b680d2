// Sources are not Plumb's: it names those that hold erased keys still, and counts the rows where that costs little.
import { PlumbError } from '../../schemas/errors.ts';
import type { HoldingSource } from '../../schemas/wire-types.ts';
import type { JoinKey, Source } from '../catalog/catalog.ts';
import { placesOf, typedKeys } from '../catalog/erasures.ts';
import { sourceOf } from '../catalog/look-up.ts';
import { totalBytes, totalRows } from '../storage/totals.ts';
import type { Erasing } from './erasing.ts';

/** More is not read to be counted. */
const MOST_BYTES = 10 * 2 ** 30;
const MOST_FILES_TOLD = 100;

interface KeyColumns {
  readonly source: Source;
  /** `column`: in the source. */
  readonly joinKeys: readonly (JoinKey & { readonly column: string })[];
}

export async function heldBySources(erasing: Erasing): Promise<readonly HoldingSource[]> {
  const found: HoldingSource[] = [];
  for (const { source, joinKeys } of keyColumns(erasing)) {
    erasing.onProgress({ doing: `source ${source.name}`, done: found.length, total: null });
    const held = await heldBy(erasing, { source, joinKeys });
    if (held.rows === null || held.rows > 0) found.push(held);
  }
  return found;
}

/** Each way in which a view of the entity reads its keys from a source, once. */
function keyColumns({ catalog, erasure: { entity } }: Erasing): readonly KeyColumns[] {
  const distinct = new Map<string, KeyColumns>();
  for (const view of catalog.views.values()) {
    if (!view.entities.includes(entity)) continue;
    const source = sourceOf(catalog, view);
    const joinKeys = placesOf(catalog.entities, view, entity).flatMap((place) => view.joinKeys[place] ?? []);
    distinct.set(JSON.stringify([source.name, joinKeys]), { source, joinKeys });
  }
  return [...distinct.values()];
}

async function heldBy(erasing: Erasing, { source, joinKeys }: KeyColumns): Promise<HoldingSource> {
  const { engine, sourceFiles, erasure, signal } = erasing;
  const named = (why: string): HoldingSource => ({ source: source.name, rows: null, files: [], why });
  if (source.path.startsWith('s3://')) return named(`${source.path} is not read for this: look there yourself`);
  try {
    const files = await sourceFiles.list(source.path);
    const sizeBytes = totalBytes(files);
    if (sizeBytes > MOST_BYTES) return named(`${source.path} holds ${sizeBytes} bytes, more than is read for this`);
    const columns = joinKeys.map(({ column, type }) => ({ name: column, type }));
    const keys = typedKeys(erasure, joinKeys);
    const held = await engine.countErased({ source, files, columns, keys, signal });
    const rows = totalRows(held);
    return { source: source.name, rows, files: held.slice(0, MOST_FILES_TOLD), why: null };
  } catch (error) {
    if (signal.aborted || !(error instanceof PlumbError)) throw error;
    return named(`it cannot be read: ${error.publicMessage}`);
  }
}
