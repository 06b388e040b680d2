// Whether the files of a source still have what a former definition of a view reads.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Source } from '../../catalog/catalog.ts';
import { sourceOf } from '../../catalog/look-up.ts';
import { planMaterialization } from '../../plan/plan-materialization.ts';
import { usedColumns } from '../../plan/used-columns.ts';
import type { BoundView } from './bound-sets.ts';

export interface SourceLooks {
  inspect(source: Source): Promise<{
    readonly fileCount: number;
    readonly columns: ReadonlyMap<string, { readonly physical: string }>;
  }>;
  check(source: Source): Promise<readonly { readonly column: string | null; readonly found: string }[]>;
}

/** One sentence for each thing that is lacking. */
export async function lackingIn(looks: SourceLooks, { catalog, view }: Pick<BoundView, 'catalog' | 'view'>) {
  const source = sourceOf(catalog, view);
  const used = usedColumns(planMaterialization(catalog, view, 0n, null).values.rows);
  const columns = new Map([...source.columns].filter(([name]) => used.has(name)));
  try {
    const { fileCount, columns: found } = await looks.inspect(source);
    if (fileCount === 0) return [`source ${source.name} has no file at ${source.path}`];
    const gone = [...columns.keys()].filter((name) => isFileColumn(source, name) && isGone(source, found, name));
    if (gone.length > 0) return [`source ${source.name} has no column ${gone.join(', ')} any more`];
    const problems = await looks.check({ ...source, columns });
    return problems.map(
      ({ column, found: what }) => `source ${source.name}${column === null ? '' : `, column ${column}`}: found ${what}`,
    );
  } catch (error) {
    if (error instanceof PlumbError && error.code === 'SOURCE_MISMATCH') return [error.message];
    throw error;
  }
}

const isFileColumn = ({ partitionColumns }: Source, name: string): boolean => partitionColumns?.has(name) !== true;

/** Of jsonl only the first rows are looked at: a name that they lack may come later. */
const isGone = ({ format }: Source, found: ReadonlyMap<string, unknown>, name: string): boolean =>
  format !== 'jsonl' && !found.has(name);
