// The Range header (RFC 9110, 14.1): one range of bytes. What is not that is ignored, as the RFC wants; several ranges too.
import type { ByteRange } from '../storage/object-store.ts';

const RANGE = /^bytes\s*=\s*(?:(\d+)-(\d*)|-(\d+))$/i;

/** null: the whole; `unsatisfiable`: 416. `last` is cut to the size. */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | null {
  const match = RANGE.exec(header?.trim() ?? '');
  if (match === null) return null;
  const [, first, last, suffix] = match;
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), sizeBytes);
    return length === 0 ? 'unsatisfiable' : { first: sizeBytes - length, last: sizeBytes - 1 };
  }
  if (last !== '' && Number(last) < Number(first)) return null;
  if (Number(first) >= sizeBytes) return 'unsatisfiable';
  return { first: Number(first), last: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
}
