// A test aid: named places where a real process can be made to die or to stand still, so that tests meet every step.
//   PLUMB_FAILPOINT=name         SIGKILL to this process when it reaches the failpoint `name`
//   PLUMB_FAILPOINT_PAUSE=name   SIGSTOP: it stands still until somebody sends SIGCONT
//   PLUMB_FAILPOINT_LOG=file     appends each reached name to the file, one a line
// `name:3` means the third time. Without the variables a call costs a comparison.
import { appendFileSync } from 'node:fs';

interface Place {
  readonly name: string;
  readonly times: number;
}

const killAt = placeOf(process.env.PLUMB_FAILPOINT);
const pauseAt = placeOf(process.env.PLUMB_FAILPOINT_PAUSE);
const logFile = process.env.PLUMB_FAILPOINT_LOG ?? '';
const active = killAt !== null || pauseAt !== null || logFile !== '';
const reached = new Map<string, number>();
/** A signal to oneself may take a moment to arrive; nothing may run meanwhile. */
const SIGNAL_MILLIS = 20;

export function failpoint(name: string): void {
  if (!active) return;
  if (logFile !== '') appendFileSync(logFile, `${name}\n`);
  const times = (reached.get(name) ?? 0) + 1;
  reached.set(name, times);
  if (is(killAt, name, times)) {
    process.kill(process.pid, 'SIGKILL');
    waitMillis(Number.POSITIVE_INFINITY);
  }
  if (is(pauseAt, name, times)) {
    process.kill(process.pid, 'SIGSTOP');
    waitMillis(SIGNAL_MILLIS);
  }
}

function placeOf(text = ''): Place | null {
  const [name = '', times = '1'] = text.split(':');
  return name === '' ? null : { name, times: Number(times) };
}

const is = (place: Place | null, name: string, times: number): boolean => place?.name === name && place.times === times;

const waitMillis = (millis: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
