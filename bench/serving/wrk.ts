// A closed load by wrk on one server: each connection asks again as soon as it has its answer. Requests per second, and
// latencies as they are then, which is at the server's limit.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadResult } from './load-result.ts';

export interface ClosedLoad {
  readonly url: string;
  /** Default: /v1/online-features. */
  readonly path?: string;
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly seconds: number;
}

const SCRIPT = join(import.meta.dirname, 'lookup.lua');
const LOOKUPS = '/v1/online-features';
const MISSING = 'wrk is not installed: `apt-get install wrk`, or see https://github.com/wg/wrk';

/** Rejects where a single answer was not 2xx, or none came. */
export async function wrk({ url, path = LOOKUPS, bodies, connections, seconds }: ClosedLoad): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-wrk-'));
  try {
    const file = join(folder, 'bodies');
    await writeFile(file, `${bodies.join('\n')}\n`);
    // One thread: a second one takes CPU from the server on a small machine, and one makes more than a Node server answers.
    const settings = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '10s', '--latency'];
    return resultOf(url, await run([...settings, '-s', SCRIPT, url, '--', file, path]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function resultOf(url: string, out: string): LoadResult {
  const text = /^RESULT (.*)$/m.exec(out)?.[1];
  if (text === undefined) throw new Error(`wrk printed no result:\n${out}`);
  const { requests, durationMicros, bytes, p50Micros, p99Micros, failed } = JSON.parse(text) as Told;
  if (failed > 0 || requests === 0) throw new Error(`${url}: ${failed} of ${requests} requests failed\n${out}`);
  return {
    requests,
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
