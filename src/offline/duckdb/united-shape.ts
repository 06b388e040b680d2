// The columns of a source without declared columns, over all of its files: the widest type of one family. A column that has
// types of several families, or that a file lacks, has no type; what stands in the files is then told as its physical type.
import type { SourceShape } from '../../definitions/source-inspector.ts';
import type { ParquetGroup } from '../../sql/duckdb/scan-parquet.ts';
import type { LocalFile } from './local-jobs.ts';
import { dataTypeOf, NO_TYPE, widestType } from './physical-types.ts';

type Shape = SourceShape['columns'] extends ReadonlyMap<string, infer Column> ? Column : never;

/** A physical type, or null where the file has no such column. */
interface Found {
  readonly physical: string | null;
  readonly path: string;
}

export function unitedShape(files: readonly LocalFile[], groups: readonly ParquetGroup[]): SourceShape['columns'] {
  const pathOf = new Map(files.map(({ localPath, path }) => [localPath, path]));
  const names = new Set(groups.flatMap(({ physical }) => [...physical.keys()]));
  const found = (name: string): Found[] =>
    groups.map(({ paths, physical }) => ({
      physical: physical.get(name) ?? null,
      path: pathOf.get(paths[0] ?? '') ?? '',
    }));
  return new Map([...names].map((name) => [name, name === '' ? NAMELESS : united(found(name))]));
}

const NAMELESS: Shape = { type: null, physical: 'a column without a name' };

function united(found: readonly Found[]): Shape {
  const first = found[0]?.physical ?? NO_TYPE;
  const differs = found.find(({ physical }) => physical !== first);
  if (differs === undefined) return { type: dataTypeOf(first), physical: first };
  const types = found
    .filter(({ physical }) => physical !== NO_TYPE)
    .map(({ physical }) => (physical === null ? null : dataTypeOf(physical)));
  const type = widestType(types);
  return { type, physical: type === null ? difference(found) : first };
}

/** Two files that do not agree. */
function difference(found: readonly Found[]): string {
  const [a, b] = [found[0], found.find(({ physical }) => !agree(physical, found[0]?.physical ?? null))];
  return [a, b]
    .flatMap((file) => (file === undefined ? [] : [`${file.physical ?? 'no such column'} in ${file.path}`]))
    .join(' and ');
}

const agree = (a: string | null, b: string | null): boolean =>
  a !== null && b !== null && widestType([dataTypeOf(a), dataTypeOf(b)]) !== null;
