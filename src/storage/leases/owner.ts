// Who holds a lease: a process of a machine. Where the machine is this one, the system knows whether it still lives.
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface Owner {
  readonly host: string;
  readonly pid: number;
  /** This boot of this machine, as its processes number one another; null where the system does not tell. */
  readonly machine: string | null;
  /** When the process started, in ticks since boot: a number that is given again is another process. null: not told. */
  readonly startTicks: string | null;
}

let self: Owner | null = null;

export function thisProcess(): Owner {
  self ??= { host: hostname(), pid: process.pid, machine: thisMachine(), startTicks: startTicks(process.pid) };
  return self;
}

/** True only where it surely is: it ran on this machine, and no such process does. */
export function isGone({ machine, pid, startTicks: started }: Owner): boolean {
  const here = thisProcess().machine;
  if (machine === null || started === null || machine !== here) return false;
  if (!exists(pid)) return true;
  const now = startTicks(pid);
  return now !== null && now !== started;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Containers share a boot but not their numbers of processes. */
function thisMachine(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

/** Of a process that has ended and was not waited for. */
const ENDED = 'ended';

/** null where that cannot be read. */
function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : (fields[19] ?? null);
  } catch {
    return null;
  }
}
