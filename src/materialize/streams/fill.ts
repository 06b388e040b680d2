// What a new generation holds before its log is followed.
import { PlumbError } from '../../../schemas/errors.ts';
import type { ToFill } from './look.ts';

/** From where on the log of a partition is followed. */
export interface Beginning {
  readonly partition: number;
  readonly epoch: string;
  /** Events before it are in the entries. */
  readonly next: bigint;
}

/** Fills the entries of a new generation. One for each partition of its source. */
export type Fill = (one: ToFill, signal: AbortSignal) => Promise<readonly Beginning[]>;

/** From a log that has all events yet. */
export const fillFromLog: Fill = async ({ partitions, source }) =>
  partitions.map(({ partition, epoch, first }) => {
    if (first === 0n) return { partition, epoch, next: 0n };
    throw new PlumbError(
      'LOG_GAP',
      `the log of source ${source} begins with event ${first}: the events before it are gone`,
    );
  });
