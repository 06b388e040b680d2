// One load by wrk on one server: requests per second and latencies.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Load {
  readonly url: string;
  readonly service: string;
  readonly entities: number;
  /** More fields of the body, as JSON without braces. */
  readonly fields?: string | undefined;
  /** Keys are drawn from 0 to this. */
  readonly keys: number;
  readonly seed: number;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly bytesPerAnswer: number;
}

const SCRIPT = join(import.meta.dirname, 'lookup.lua');
const MISSING = 'wrk is not installed: `apt-get install wrk`, or see https://github.com/wg/wrk';

/** Rejects where a single answer was not 2xx, or none came. */
export async function wrk(load: Load): Promise<LoadResult> {
  const { url, service, entities, fields, keys, seed, connections, seconds } = load;
  // One thread: a second one takes CPU from the server on a small machine, and one makes more than a Node server answers.
  const settings = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '10s', '--latency'];
  const asked = [service, entities, keys, seed, ...(fields === undefined ? [] : [fields])].map(String);
  const out = await run([...settings, '-s', SCRIPT, url, '--', ...asked]);
  const text = /^RESULT (.*)$/m.exec(out)?.[1];
  if (text === undefined) throw new Error(`wrk told no result:\n${out}`);
  const { requests, durationMicros, bytes, p50Micros, p99Micros, failed } = JSON.parse(text) as Record<string, number> &
    Told;
  if (failed > 0 || requests === 0) throw new Error(`${url}: ${failed} of ${requests} requests failed\n${out}`);
  return {
    requestsPerSecond: (requests * 1e6) / durationMicros,
    p50Millis: p50Micros / 1000,
    p99Millis: p99Micros / 1000,
    bytesPerAnswer: Math.round(bytes / requests),
  };
}

/** As lookup.lua prints it. */
interface Told {
  readonly requests: number;
  readonly durationMicros: number;
  readonly bytes: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly failed: number;
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const out: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void out.push(`${chunk}`));
    child.on('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'ENOENT' ? new Error(MISSING, { cause }) : cause),
    );
    child.on('close', (code) => {
      if (code === 0) resolve(out.join(''));
      else reject(new Error(`wrk ${args.join(' ')} ended with ${code}:\n${out.join('')}`));
    });
  });
}
