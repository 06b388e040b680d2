// A run that read a whole source and wrote no row: it may be meant, so it is no error, but it is never silent.

import type { Catalog, ServableView } from '../catalog/catalog.ts';
import { sourceOf } from '../catalog/look-up.ts';
import { formatInstant } from '../instant.ts';
import type { MaterializationOutcome } from '../offline/compute.ts';
import type { SourceFile } from '../storage/source-files.ts';

export function emptyNotice(
  context: {
    readonly catalog: Catalog;
    readonly view: ServableView;
    readonly request: { readonly untilMicros: bigint };
  },
  files: readonly SourceFile[],
  { unused }: MaterializationOutcome,
): string | null {
  if (unused === undefined) return null;
  const { catalog, view, request } = context;
  const source = sourceOf(catalog, view);
  const end = `${view.name} is empty now`;
  const { rows, fromMicros, toMicros } = unused;
  if (rows === 0) return `${namesOf(files)} ${files.length === 1 ? 'holds' : 'hold'} no row; ${end}`;
  const found = `none of the ${rows} rows of source ${source.name} counts at ${formatInstant(request.untilMicros)}`;
  if (fromMicros === null || toMicros === null) return `${found}: their ${source.timestampColumn} is null; ${end}`;
  const range = `their ${source.timestampColumn} reaches from ${formatInstant(fromMicros)} to ${formatInstant(toMicros)}`;
  const unit = source.timestampUnit === null ? '' : ` (is timestampUnit: ${source.timestampUnit} the right one?)`;
  return `${found}: ${range}${unit}; ${end}`;
}

const SHOWN = 3;

function namesOf(files: readonly SourceFile[]): string {
  const shown = files.slice(0, SHOWN).map(({ path }) => path);
  return files.length > SHOWN ? `${shown.join(', ')} and ${files.length - SHOWN} more files` : shown.join(', ');
}
