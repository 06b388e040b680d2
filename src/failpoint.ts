// A test aid: named places where a real process can be made to die or to pause, so that crash tests meet every step.
//   PLUMB_FAILPOINT=name       SIGKILL to this process when it reaches the failpoint `name`
//   PLUMB_FAILPOINT_PAUSE=name SIGSTOP to this process when it first reaches it; SIGCONT makes it go on
//   PLUMB_FAILPOINT_LOG=file   appends each reached name to the file, one a line
// Without the variables a call costs a comparison.
import { appendFileSync } from 'node:fs';

const killAt = process.env.PLUMB_FAILPOINT ?? '';
let pauseAt = process.env.PLUMB_FAILPOINT_PAUSE ?? '';
const logFile = process.env.PLUMB_FAILPOINT_LOG ?? '';
const active = [killAt, pauseAt, logFile].some((setting) => setting !== '');

export function failpoint(name: string): void {
  if (!active) return;
  if (logFile !== '') appendFileSync(logFile, `${name}\n`);
  if (name === pauseAt) pause();
  if (name !== killAt) return;
  process.kill(process.pid, 'SIGKILL');
  stand(); // the signal may take a moment to arrive; nothing may run meanwhile
}

function pause(): void {
  pauseAt = '';
  process.kill(process.pid, 'SIGSTOP');
  stand(200);
}

const stand = (millis?: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
