// `npm run conformance:cluster`: the conformance cases on a Redis Cluster of their own, which is started and stopped here.
// The runner knows no Cluster: PLUMB_ONLINE_ variables say it to each plumb that it starts. Ends as the runner ends, or with
// 1 where the cases were not really served from every server of the Cluster; what follows `--` goes to the runner.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { RedisCluster } from './redis-cluster.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

await using cluster = await RedisCluster.start();
const env = { ...process.env, PLUMB_ONLINE_KIND: 'redis', PLUMB_ONLINE_URLS: JSON.stringify(cluster.urls) };
const cases = ['test/conformance/run.mjs', '--plumb', 'bin/plumb.js', '--level', '1', ...process.argv.slice(2)];
const runner = spawn(process.execPath, cases, { cwd: ROOT, stdio: 'inherit', env });
const [code] = (await once(runner, 'exit')) as [number | null];
const entities = await Promise.all(cluster.nodes.slice(0, cluster.masterCount).map(({ port }) => entitiesOn(port)));
console.log(`entities on each master: ${entities.join(', ')}`);
const wasUsed = entities.every((count) => count > 0);
if (!wasUsed) console.error('the cases were not served from every server of the Cluster');
process.exitCode = code === 0 && !wasUsed ? 1 : (code ?? 1);

async function entitiesOn(port: number): Promise<number> {
  const redis = new Redis(port);
  try {
    return (await redis.keys('plumb:*:e:*')).length;
  } finally {
    redis.disconnect();
  }
}
