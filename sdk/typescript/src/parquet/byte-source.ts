// Where the bytes of a Parquet file come from.

export interface ByteSource {
  /** For messages. */
  readonly name: string;
  readonly sizeBytes: number;
  /** The bytes from `start` up to, but without, `end`; exactly so many. */
  read(start: number, end: number, signal: AbortSignal | undefined): Promise<Uint8Array>;
}

export const bytesSource = (name: string, bytes: Uint8Array): ByteSource => ({
  name,
  sizeBytes: bytes.byteLength,
  read: async (start, end) => bytes.subarray(start, end),
});
