// Stores that are away: a server that is told to stop ends within its drain time, and doctor tells one cause once, soon.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { post } from '../e2e/http-client.ts';
import { tempProject } from '../e2e/project.ts';
import { SHOP } from '../e2e/shop.ts';
import { freePort } from '../servers/free-port.ts';

/** Takes connections, and never says a word. */
async function silentPort(): Promise<number> {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  after(() => server.close());
  return (server.address() as { port: number }).port;
}

const PORTS = { 'where nothing listens': freePort, 'that never answers': silentPort } as const;
const KEYS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' };
Object.assign(process.env, KEYS);

const projectOn = (store: 's3' | 'redis', port: number): string =>
  store === 's3'
    ? `project: shop\nstorage: s3://bucket/shop\ns3: { endpoint: 'http://127.0.0.1:${port}', forcePathStyle: true }\nserver: { drainTimeoutMillis: 3000 }\n`
    : `project: shop\nonline: { kind: redis, url: 'redis://127.0.0.1:${port}' }\nserver: { drainTimeoutMillis: 3000 }\n`;

for (const store of ['s3', 'redis'] as const) {
  for (const [where, port] of Object.entries(PORTS)) {
    test(`${store} at an address ${where}: SIGTERM ends the server within its drain time`, async () => {
      const project = await tempProject({ ...SHOP, 'plumb.yaml': projectOn(store, await port()) });
      if (store === 'redis') await project.plumb('apply');
      const server = await project.serve();
      void post(server.url, '/v1/materializations', {}).catch(() => undefined);
      await fetch(`${server.url}/readyz`);
      const asked = performance.now();
      const { code } = await server.stop();
      const seconds = (performance.now() - asked) / 1000;
      assert.equal(code, 0);
      // A drain of 3 s, at most 8 s for jobs, the rest for a slow machine. A request to S3 is repeated for 30 s.
      assert.ok(seconds < 15, `after ${seconds} s`);
    });

    test(`${store} at an address ${where}: doctor ends within ten seconds, and tells it once`, async () => {
      const project = await tempProject({ ...SHOP, 'plumb.yaml': projectOn(store, await port()) });
      if (store === 'redis') await project.plumb('apply');
      const asked = performance.now();
      const { code, document } = await project.json('doctor');
      const seconds = (performance.now() - asked) / 1000;
      assert.equal(code, 1);
      assert.ok(seconds < 10, `after ${seconds} s`);
      const { checks } = document as unknown as { checks: readonly { name: string; outcome: string; found: string }[] };
      const failed = checks.filter(({ outcome }) => outcome === 'fail').map(({ name }) => name);
      assert.deepEqual(failed, [store === 's3' ? 'storage' : 'online store'], JSON.stringify(checks));
    });
  }
}
