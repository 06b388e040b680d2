// A process that ended before its job was done: what is said of it is what is known.
import { PlumbError } from '../../schemas/errors.ts';

export interface Ended {
  readonly type: 'ended';
  /** `ended with 1`, `was ended by SIGKILL`. */
  readonly how: string;
  readonly cause?: unknown;
}

export const endedBy = (code: number | null, killedBy: NodeJS.Signals | null): Ended => ({
  type: 'ended',
  how: killedBy === null ? `ended with ${code}` : `was ended by ${killedBy}`,
});

/** `memoryRanOut`: the system ended a process for want of memory while this one ran. */
export function didNotAnswer({ how, cause }: Ended, memoryRanOut: boolean): PlumbError {
  const why =
    how.endsWith('SIGKILL') && memoryRanOut
      ? 'the system ran out of memory meanwhile: lower engine.memoryLimit, then ask again'
      : 'ask again; if that fails too, the log of the server and that of the system may say why';
  return new PlumbError('INTERRUPTED', `the process of the job ${how} before the job was done: ${why}`, { cause });
}
