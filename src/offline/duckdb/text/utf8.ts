// Whether bytes that come in chunks are UTF-8.
import { isUtf8 } from 'node:buffer';

export async function isUtf8Stream(chunks: AsyncIterable<Buffer>): Promise<boolean> {
  let isText = true;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (!isText) continue; // Read on: what was cut off shows at the end.
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = wholeCharacters(bytes);
    isText = isUtf8(bytes.subarray(0, end));
    rest = bytes.subarray(end);
  }
  return isText && rest.length === 0;
}

/** The end of the last character that is not cut off by the end of the chunk. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return back < lengthOf(byte) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

const lengthOf = (first: number): number => (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2);
