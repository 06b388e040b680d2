// `npm run conformance:redis`: the conformance cases on a Redis of their own, which is started and stopped here. Ends as the
// runner ends; what follows `--` goes to it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { RedisServer } from './redis.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

await using redis = await RedisServer.start();
const cases = ['test/conformance/run.mjs', '--plumb', 'bin/plumb.js', '--online', redis.url];
const runner = spawn(process.execPath, [...cases, ...process.argv.slice(2)], { cwd: ROOT, stdio: 'inherit' });
const [code] = (await once(runner, 'exit')) as [number | null];
process.exitCode = code ?? 1;
