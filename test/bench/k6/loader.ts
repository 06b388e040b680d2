// Loads a k6 script without k6: in a fresh Node process with k6's modules replaced by the shims beside this file, runs
// setup(), each scenario once, teardown() and handleSummary() against a live server, and tells what is wrong with the
// script. It measures nothing; it keeps the scripts from rotting.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Report } from './report.ts';

const RUN_SCRIPT = fileURLToPath(new URL('run-script.ts', import.meta.url));

/** Rejects only where the process itself fails; whatever the script does wrong is among the report's problems. */
export async function loadScript(script: string, env: Readonly<Record<string, string>>): Promise<Report> {
  const args = [RUN_SCRIPT, script, JSON.stringify(env)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => void out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void err.push(chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${script}: the loader ended with ${code}: ${err.join('')}`);
  return JSON.parse(out.join('')) as Report;
}
