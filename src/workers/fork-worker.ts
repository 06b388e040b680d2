// Starts the process of a worker.
import { type ChildProcess, fork } from 'node:child_process';

/** `program` has to end up in the command `serve-worker`. */
export const forkWorker = (program: string, number: number): ChildProcess =>
  fork(program, ['serve-worker', String(number)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
