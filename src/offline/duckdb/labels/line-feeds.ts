// CSV with mixed line ends → the same with LF alone. Line ends inside quotes are data and stay.
const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

export async function* withLineFeeds(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let quoted = false; // a doubled quote ends and begins at once
  let wasCr = false;
  for await (const chunk of chunks) {
    const out = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (byte === QUOTE) quoted = !quoted;
      const skipped = wasCr && byte === LF;
      wasCr = !quoted && byte === CR;
      if (!skipped) out[length++] = wasCr ? LF : byte;
    }
    yield out.subarray(0, length);
  }
}
