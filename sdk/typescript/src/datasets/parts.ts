// The parts of a snapshot over HTTP: whole, or a range of bytes.
import type { Dataset, DatasetPart } from '../../../../schemas/wire-types.ts';
import { PlumbProtocolError } from '../errors.ts';
import type { ByteSource } from '../parquet/byte-source.ts';
import type { Answer } from '../transport/attempt.ts';
import type { Transport } from '../transport/transport.ts';

/** TypeError where there is none. */
export function requirePart(manifest: Dataset, n: number): DatasetPart {
  const part = manifest.parts[n];
  if (part !== undefined) return part;
  throw new TypeError(`part: found ${n}, expected 0 to ${manifest.parts.length - 1}`);
}

const pathOf = ({ name, version }: Dataset, n: number): string =>
  `/v1/datasets/${encodeURIComponent(name)}/${version}/parts/${n}`;

/** However large: only silence ends it. */
const READ = { method: 'GET', retry: 'safe', timeoutMillis: Number.POSITIVE_INFINITY } as const;

export async function downloadPart(
  transport: Transport,
  manifest: Dataset,
  n: number,
  signal: AbortSignal | undefined,
  verify: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const part = requirePart(manifest, n);
  const path = pathOf(manifest, n);
  const { body } = await transport.send({ ...READ, path, signal });
  requireLength(path, body, part.sizeBytes);
  if (verify) await requireSha256(path, body, part.sha256);
  return body;
}

/** Reads of one part all see the same bytes: what its ETag tells is compared. */
export function httpPart(transport: Transport, manifest: Dataset, n: number): ByteSource {
  const { sizeBytes } = requirePart(manifest, n);
  const path = pathOf(manifest, n);
  let etag: string | null = null;
  const read = async (start: number, end: number, signal: AbortSignal | undefined): Promise<Uint8Array> => {
    const headers = { range: `bytes=${start}-${end - 1}` };
    const answer = await transport.send({ ...READ, path, headers, signal });
    requireRange(path, answer, start, end, sizeBytes);
    const found = answer.headers.get('etag');
    if (etag !== null && found !== null && found !== etag)
      throw new PlumbProtocolError(`GET ${path}: the part changed while it was read (${etag}, then ${found})`);
    etag ??= found;
    return answer.body;
  };
  return { name: path, sizeBytes, read };
}

/** A page sees Content-Range only where the server exposes it; the length tells enough. */
function requireRange(path: string, { status, headers, body }: Answer, start: number, end: number, size: number): void {
  if (status !== 206)
    throw new PlumbProtocolError(
      `GET ${path}: asked for a range, found status ${status}, expected 206: does a proxy drop the Range header?`,
    );
  const found = headers.get('content-range');
  const expected = `bytes ${start}-${end - 1}/${size}`;
  if (found !== null && found !== expected)
    throw new PlumbProtocolError(`GET ${path}: found the range ${found}, expected ${expected}`);
  requireLength(path, body, end - start);
}

function requireLength(path: string, body: Uint8Array, expected: number): void {
  if (body.byteLength === expected) return;
  throw new PlumbProtocolError(`GET ${path}: found ${body.byteLength} bytes, expected ${expected}`);
}

async function requireSha256(path: string, body: Uint8Array<ArrayBuffer>, expected: string): Promise<void> {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined)
    throw new TypeError('SHA-256 needs a secure context (https or localhost); elsewhere set verify: false');
  const hash = new Uint8Array(await subtle.digest('SHA-256', body));
  const found = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found === expected) return;
  throw new PlumbProtocolError(`GET ${path}: its SHA-256 is ${found}, the manifest says ${expected}`);
}
