// A test aid: named places where a real process can be made to die, so that crash tests meet every step.
//   PLUMB_FAILPOINT=name       SIGKILL to this process when it reaches the failpoint `name`
//   PLUMB_FAILPOINT_LOG=file   appends each reached name to the file, one a line
// Without the variables a call costs a comparison.
import { appendFileSync } from 'node:fs';

const killAt = process.env.PLUMB_FAILPOINT ?? '';
const logFile = process.env.PLUMB_FAILPOINT_LOG ?? '';
const active = killAt !== '' || logFile !== '';

export function failpoint(name: string): void {
  if (!active) return;
  if (logFile !== '') appendFileSync(logFile, `${name}\n`);
  if (name !== killAt) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment to arrive; nothing may run meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
