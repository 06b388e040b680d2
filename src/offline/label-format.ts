// The format of a labels file, by its ending; text may be compressed.
import { extname } from 'node:path';
import { PlumbError } from '../../schemas/errors.ts';
import type { LabelFormat } from './dataset.ts';

const FORMATS: Readonly<Record<string, LabelFormat>> = {
  '.parquet': 'parquet',
  '.csv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.arrow': 'arrow',
  '.arrows': 'arrow',
  '.feather': 'arrow',
};

/** INVALID_LABELS where the ending is none that can be read. */
export function labelFormat(path: string): LabelFormat {
  const plain = path.toLowerCase().replace(/\.(gz|zst)$/, '');
  const format = FORMATS[extname(plain)];
  const isPacked = plain.length !== path.length;
  if (format !== undefined && !(isPacked && format !== 'csv' && format !== 'jsonl')) return format;
  throw new PlumbError(
    'INVALID_LABELS',
    `${path}: expected a file ending in .parquet, .csv, .jsonl or .arrow; .csv and .jsonl may end in .gz or .zst`,
  );
}
