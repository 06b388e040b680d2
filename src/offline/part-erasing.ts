// Port: finds and removes rows of erased keys in parts, and counts them in files of sources. Locations are URIs.
import type { DataType, JoinKeyType, Value } from '../../schemas/types.ts';
import type { Source } from '../catalog/catalog.ts';
import type { ErasedKey } from '../catalog/erasures.ts';
import type { SourceFile } from '../storage/source-files.ts';

export interface PartErasing {
  /** Rows that one of the roles meets. */
  findErased(part: string, job: ErasedPartJob): Promise<ErasedRows>;
  /** Writes the part without these rows, a Parquet file with the same columns, order and metadata. Returns its rows. */
  writeWithout(part: string, target: string, job: ErasedPartJob): Promise<number>;
  /** By file, those that hold some. */
  countErased(job: ErasedSourceJob): Promise<readonly { readonly path: string; readonly rows: number }[]>;
}

/** One way in which columns of a part name an erased key. */
export interface ErasedRole {
  /** As many as a key has values; a column of another type is compared as this one. */
  readonly columns: readonly { readonly name: string; readonly type: JoinKeyType }[];
  readonly keys: readonly ErasedKey[];
  /** Only rows whose __event_time is before the key's instant. */
  readonly isTimed: boolean;
}

export interface ErasedPartJob {
  readonly roles: readonly ErasedRole[];
  /** Of rows that are found: each distinct combination is told. Empty: none is. */
  readonly tell: readonly { readonly name: string; readonly type: DataType }[];
  /** For work, and what is written. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface ErasedRows {
  readonly rows: number;
  /** By combination, then column of `tell`. */
  readonly told: readonly (readonly Value[])[];
}

export interface ErasedSourceJob {
  readonly source: Source;
  readonly files: readonly SourceFile[];
  /** Source columns, one for each value of a key. */
  readonly columns: readonly { readonly name: string; readonly type: JoinKeyType }[];
  readonly keys: readonly ErasedKey[];
  readonly signal: AbortSignal;
}
