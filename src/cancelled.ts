// Work that whoever asked for it may cancel.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../schemas/errors.ts';

export const cancelled = (cause?: unknown): PlumbError =>
  new PlumbError('CANCELLED', 'the work was cancelled', { cause });

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled();
}

/** Rejects with CANCELLED as soon as the signal is aborted. */
export async function pause(millis: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(millis, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  throwIfCancelled(signal);
}
