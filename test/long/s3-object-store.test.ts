// The contract of object stores on a real S3 server.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { objectStoreSuite } from '../contract/object-store/object-store.suite.ts';
import { openS3Store, type S3Location } from '../contract/object-store/s3-store.ts';
import { S3Server } from '../servers/s3.ts';

let server: S3Server;
before(async () => {
  server = await S3Server.start();
  Object.assign(process.env, server.credentials);
});
after(() => server[Symbol.asyncDispose]());

objectStoreSuite(
  's3',
  async () => {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'plumb-s3-cache-'));
    const { endpoint, bucket } = server;
    const location = JSON.stringify({ address: `s3://${bucket}/contract`, endpoint, cacheFolder } satisfies S3Location);
    return { kind: 's3', location, store: openS3Store(location) };
  },
  (location) => rm((JSON.parse(location) as S3Location).cacheFolder, { recursive: true }),
);
