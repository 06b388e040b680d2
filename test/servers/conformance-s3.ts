// `npm run conformance:s3`: the conformance cases with every project's storage under a prefix of its own in a bucket of an
// S3 server that is started and stopped here. Ends as the runner ends, and fails where the bucket holds too little for it
// to have been the storage. What follows `--` goes to the runner.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { S3Server } from './s3.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLUMB = fileURLToPath(new URL('plumb-on-s3.ts', import.meta.url));

/** Prefix of a case → how many manifests of training sets it has. */
async function storedDatasets(server: S3Server): Promise<ReadonlyMap<string, number>> {
  const client = server.client();
  const found = new Map<string, number>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: server.bucket })) {
    for (const { Key = '' } of Contents) {
      const [prefix = ''] = Key.split('/');
      found.set(prefix, (found.get(prefix) ?? 0) + (/\/datasets\/case\/\d+\/manifest\.json$/.test(Key) ? 1 : 0));
    }
  }
  client.destroy();
  return found;
}

await using server = await S3Server.start();
const caches = await mkdtemp(join(tmpdir(), 'plumb-s3-conformance-'));
const env = {
  ...process.env,
  ...server.credentials,
  PLUMB_S3_ENDPOINT: server.endpoint,
  PLUMB_S3_CACHEFOLDER: caches,
  PLUMB_ON_S3: `s3://${server.bucket}`,
};
const cases = ['test/conformance/run.mjs', '--plumb', PLUMB, ...process.argv.slice(2)];
const runner = spawn(process.execPath, cases, { cwd: ROOT, env, stdio: ['inherit', 'pipe', 'inherit'] });
const said: string[] = [];
runner.stdout.on('data', (chunk: Buffer) => {
  said.push(chunk.toString());
  process.stdout.write(chunk);
});
const [code] = (await once(runner, 'close')) as [number | null];
await rm(caches, { recursive: true, force: true });

const passed = Number(/^(\d+) passed/m.exec(said.join(''))?.[1] ?? 0);
const stored = await storedDatasets(server);
const used = [...stored.values()].filter((datasets) => datasets > 0).length;
console.log(`${stored.size} storages in the bucket, ${used} of them with a training set`);
// A case that expects a failure makes no training set.
const enough = passed > 0 && stored.size >= passed && used >= passed - 1;
if (!enough) console.error(`found ${used} training sets in the bucket, expected one of each of ${passed} cases`);
process.exitCode = enough ? (code ?? 1) : 1;
