// The sentinel of a field and partition as bytes: whose it is, and which events are in the field's entries.
import { PlumbError } from '../../schemas/errors.ts';

const FORMAT = 1;

export interface Sentinel {
  /** Random, of the processor that may write: what another one prepared does not match any more. */
  readonly owner: string;
  readonly epoch: string;
  /** Events before it are in the entries, no others. */
  readonly next: bigint;
  /** Of the last event that is in them; null: none is. */
  readonly appendMicros: bigint | null;
}

export const encodeSentinel = ({ owner, epoch, next, appendMicros }: Sentinel): Uint8Array =>
  Buffer.from(
    JSON.stringify([FORMAT, owner, epoch, String(next), appendMicros === null ? null : String(appendMicros)]),
  );

export function decodeSentinel(bytes: Uint8Array): Sentinel {
  const [format, owner, epoch, next, appendMicros] = JSON.parse(Buffer.from(bytes).toString()) as readonly unknown[];
  if (format !== FORMAT) throw new PlumbError('STORAGE_CORRUPT', `a sentinel has format ${format}, expected ${FORMAT}`);
  return {
    owner: String(owner),
    epoch: String(epoch),
    next: BigInt(String(next)),
    appendMicros: appendMicros === null ? null : BigInt(String(appendMicros)),
  };
}
