// What a world must read as: by DESIGN section 2 "Values" and "Files", in a few lines, without an engine.
import type { DataType } from '../../schemas/types.ts';
import type { Json } from '../oracle/values.ts';
import { exact, type Reading, refused } from './reading.ts';
import type { Cell, FuzzFile, SourceWorld } from './source-world.ts';

export interface Expected {
  /** The type of the column; null where the source cannot be used. */
  readonly type: DataType | null;
  readonly rows: readonly { readonly key: string; readonly minute: number; readonly reading: Reading }[];
}

export function expectedOf(world: SourceWorld): Expected {
  const type = world.declared ?? widest(world.files);
  const rows = world.files.flatMap((file) =>
    file.rows.map(({ key, minute, cell }) => ({ key, minute, reading: readingOf(file, cell, type) })),
  );
  return { type, rows };
}

const FAMILIES: readonly (readonly DataType[])[] = [
  ['int32', 'int64'],
  ['float32', 'float64'],
  ['list<int32>', 'list<int64>'],
  ['list<float32>', 'list<float64>'],
];

function widest(files: readonly FuzzFile[]): DataType | null {
  if (files.some(({ lacks }) => lacks === 'v')) return null;
  const types = [...new Set(files.map(({ type }) => type?.own ?? null))];
  const [first = null] = types;
  if (types.length === 1 || types.includes(null)) return types.length === 1 ? first : null;
  return FAMILIES.find((family) => types.every((type) => type !== null && family.includes(type)))?.[1] ?? null;
}

function readingOf(file: FuzzFile, cell: Cell, declared: DataType | null): Reading {
  if (cell.reading !== null) return cell.reading;
  const own = file.type?.own ?? null;
  if (own === null || declared === null || file.lacks === 'v') return refused;
  return widened(cell.own, own, declared);
}

/** Each file by itself reads as the declared type without loss. */
function widened(value: Json, own: DataType, declared: DataType): Reading {
  if (own === declared) return fits(value, own);
  if (own.startsWith('list<') && declared.startsWith('list<')) {
    if (!isWidening(own.slice(5, -1), declared.slice(5, -1))) return refused;
    if (!Array.isArray(value)) return exact(value);
    const items = value.map((item: Json) =>
      widened(item, own.slice(5, -1) as DataType, declared.slice(5, -1) as DataType),
    );
    const values = items.map((item) => item.value);
    // Elements of lists that no float64 holds are refused or the nearest: the reference speaks of columns of numbers.
    return values.includes(undefined) ? refused : exact(values as Json[]);
  }
  if (!isWidening(own, declared)) return refused;
  if (value === null || !/^int/.test(own) || !/^float/.test(declared)) return fits(value, own);
  const number = declared === 'float32' ? Math.fround(Number(value)) : Number(value);
  return BigInt(number) === BigInt(String(value)) ? exact(number) : refused;
}

const WIDENINGS: readonly string[] = [
  'int32 int64',
  'int32 float64',
  'int64 float64',
  'int32 float32',
  'float32 float64',
];
const isWidening = (own: string, declared: string): boolean => WIDENINGS.includes(`${own} ${declared}`);

/** An unsigned integer beyond int64 is refused. */
function fits(value: Json, own: DataType): Reading {
  if (own === 'int64' && typeof value === 'string' && BigInt(value) >= 2n ** 63n) return refused;
  return exact(value);
}

/** Of a whole world: whether it must be refused, may be, or must not. */
export function verdictOf({ type, rows }: Expected): 'refused' | 'either' | 'exact' {
  if (type === null || rows.some(({ reading }) => reading.value === undefined)) return 'refused';
  return rows.some(({ reading }) => reading.mayRefuse) ? 'either' : 'exact';
}
