// One measured run: a fresh process, its wall time, and the peak of its resident memory.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Command {
  /** Default: this Node. */
  readonly program?: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly timeoutSeconds: number;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Run {
  readonly outcome: 'ok' | 'timeout' | 'failed';
  readonly wallSeconds: number;
  /** VmHWM of the process as the kernel counts it; null where there is no /proc. */
  readonly peakBytes: number | null;
  /** User and system time of all its threads; null where there is no /proc. */
  readonly cpuSeconds: number | null;
  /** Of a failed run: the end of what it said. */
  readonly message: string | null;
}

export interface Finished extends Run {
  readonly stdout: string;
}

const SAMPLE_MILLIS = 20;

/** Runs `program …args`; one that passes its time is killed. */
export async function measure({
  program = process.execPath,
  args,
  cwd,
  timeoutSeconds,
  env = {},
}: Command): Promise<Finished> {
  const start = process.hrtime.bigint();
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => void out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void err.push(chunk.toString()));
  let isLate = false;
  let usage: Usage | null = null;
  const killer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, timeoutSeconds * 1000);
  // Both only grow, so the last look tells: what is missed is what the process gains after it.
  const sampler = setInterval(() => {
    usage = usageOf(child.pid) ?? usage;
  }, SAMPLE_MILLIS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearTimeout(killer);
  clearInterval(sampler);
  const wallSeconds = Number(process.hrtime.bigint() - start) / 1e9;
  const outcome = isLate ? 'timeout' : code === 0 ? 'ok' : 'failed';
  const message = outcome === 'failed' ? lastLines(err.join('')) : null;
  const { peakBytes, cpuSeconds } = (usage as Usage | null) ?? { peakBytes: null, cpuSeconds: null };
  return { outcome, wallSeconds, peakBytes, cpuSeconds, message, stdout: out.join('') };
}

/** For preparations: the standard output of a run that must succeed. */
export async function requireOk(command: Command): Promise<string> {
  const run = await measure(command);
  if (run.outcome === 'ok') return run.stdout;
  throw new Error(
    `${command.program ?? 'node'} ${command.args.join(' ')} ended with ${run.outcome}: ${run.message ?? ''}\n${run.stdout}`,
  );
}

interface Usage {
  readonly peakBytes: number;
  readonly cpuSeconds: number;
}

/** As Linux reports it to every program, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100;

/** null when the process has ended, and where there is no /proc. */
export function usageOf(pid: number | undefined): Usage | null {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // After the name in parentheses: the state is field 3, user time 14, system time 15.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    if (kilobytes === undefined) return null;
    return {
      peakBytes: Number(kilobytes) * 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    };
  } catch {
    return null;
  }
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-6).join('\n').slice(-1000);
