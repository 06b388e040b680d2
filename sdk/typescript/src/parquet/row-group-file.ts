// A row group, cut out of its file: fetches the chunks of the columns that are wanted, and puts them into a file of their
// own. parquet-wasm can fetch by itself, but where its fetch fails, or bytes are damaged, it takes the process down.
import type { ByteSource } from './byte-source.ts';
import { chunkRanges, type Footer, MAGIC, type Range, type RowGroup, singleGroupFooter } from './footer.ts';

/** Reading over a gap of this size costs less than another request. */
const GAP_BYTES = 262_144;
const READS_AT_ONCE = 4;

export async function rowGroupFile(
  source: ByteSource,
  footer: Footer,
  group: RowGroup,
  columns: ReadonlySet<string> | null,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const chunks = chunkRanges(group, columns);
  if (chunks.some(({ end }) => end > source.sizeBytes)) throw new Error('its footer is damaged');
  const places = placesOf(chunks);
  const file = fileAround(singleGroupFooter(footer, group, columns), places.end);
  const reads = joined(chunks);
  for (let first = 0; first < reads.length; first += READS_AT_ONCE) {
    await Promise.all(
      reads.slice(first, first + READS_AT_ONCE).map(async (range) => {
        const bytes = await source.read(range.start, range.end, signal);
        chunks.forEach((chunk, i) => {
          if (chunk.start < range.start || chunk.end > range.end) return;
          file.set(bytes.subarray(chunk.start - range.start, chunk.end - range.start), places.starts[i]);
        });
      }),
    );
  }
  return file;
}

/** A file of these columns without rows: its schema. */
export const emptyFile = (footer: Footer, columns: ReadonlySet<string> | null): Uint8Array =>
  fileAround(singleGroupFooter(footer, null, columns), MAGIC.length);

function placesOf(chunks: readonly Range[]): { readonly starts: readonly number[]; readonly end: number } {
  let at = MAGIC.length;
  const starts = chunks.map(({ start, end }) => {
    const place = at;
    at += end - start;
    return place;
  });
  return { starts, end: at };
}

/** Magic, room for the chunks up to `end`, footer, its length, magic. */
function fileAround(footer: Uint8Array, end: number): Uint8Array {
  const file = new Uint8Array(end + footer.byteLength + 8);
  file.set(MAGIC, 0);
  file.set(footer, end);
  new DataView(file.buffer).setUint32(end + footer.byteLength, footer.byteLength, true);
  file.set(MAGIC, end + footer.byteLength + 4);
  return file;
}

/** Chunks that lie close together are read at once. */
function joined(chunks: readonly Range[]): readonly Range[] {
  const reads: Range[] = [];
  for (const chunk of [...chunks].sort((a, b) => a.start - b.start)) {
    const last = reads.at(-1);
    if (last !== undefined && chunk.start - last.end <= GAP_BYTES)
      reads[reads.length - 1] = { start: last.start, end: Math.max(last.end, chunk.end) };
    else reads.push(chunk);
  }
  return reads;
}
